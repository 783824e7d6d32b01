"""Whose password may be reset by mail, and what more it takes: pure decisions."""

from idp.people.accounts.rules import SIGN_IN_STATES


def may_reset(state: str, *, is_mailbox_proven: bool, has_password: bool) -> bool:
    """Tell whether an account's password is reset by a mail to its address.

    An address that nobody has proven may be a stranger's: its mails reset nothing (case RG-13).
    """
    return state in SIGN_IN_STATES and is_mailbox_proven and has_password


def needs_factor(state: str, *, has_factor: bool, had_factor: bool) -> bool:
    """Tell whether a reset asks for the second factor as well as the mailbox (case RC-07).

    Only somebody who never had one sets a password by the mailbox alone; enrolling the first one
    follows when they sign in. Who lost every factor goes to the service desk, and whose lost ones
    were just ended enrols first.
    """
    return state != "pending_mfa" or has_factor or had_factor
