"""What a password check means: pure decisions."""

from idp.people.accounts.rules import SIGN_IN_STATES


def may_go_on(*, person_is_locked: bool, is_right: bool, state: str | None) -> bool:
    """Tell whether a checked password leads on to the second factor.

    The lock of what was typed is answered before anything is checked, and alone decides that the
    page speaks of a lock. A person who is locked by tries with another of their names reads the
    ordinary text, so that locking by email says nothing about a username; so does one whose
    account may not be used (case LG-08). state: of the account, None when there is none.
    """
    return is_right and not person_is_locked and state in SIGN_IN_STATES
