"""What a password check means: pure decisions."""

from datetime import datetime
from typing import Literal

from idp.people.accounts.rules import SIGN_IN_STATES

Verdict = Literal["right", "failed", "locked"]


def verdict(
    *, name_locked_until: datetime | None, person_is_locked: bool, is_right: bool, state: str | None
) -> Verdict:
    """Return what becomes of a try.

    The lock of what was typed alone decides that the page speaks of a lock. A person who is
    locked by tries with another of their names reads the ordinary text, so that locking by email
    says nothing about a username; so does one whose account may not be used (case LG-08).
    """
    if name_locked_until is not None:
        return "locked"
    if person_is_locked or not is_right or state not in SIGN_IN_STATES:
        return "failed"
    return "right"
