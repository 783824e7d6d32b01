"""What a second factor still allows: pure decisions."""

from collections.abc import Collection
from typing import Literal

from idp.foundation.results import Refused

FINISHED_ELSEWHERE = Refused("finished_elsewhere")
Kind = Literal["totp", "recovery_code"]
AMR = ("pwd", "otp", "mfa")  # RFC 8176; a recovery code is a one-time password too


def may_enroll(state: str, apps: int, recovery_codes: int) -> bool:
    """Tell whether a half-way state may enrol a first factor.

    Only an account that never had one: who has a factor, even one that was disabled after too
    many wrong codes, never gets another by the password alone (case MF-10).
    """
    return state == "pending_mfa" and not apps and not recovery_codes


def kinds(apps: int, recovery_codes: int) -> list[Kind]:
    """Return which factors a person can use now, the usual one first."""
    found: list[Kind] = ["totp"] if apps else []
    return [*found, "recovery_code"] if recovery_codes else found


def is_among(typed: str, codes: Collection[str]) -> bool:
    """Tell whether a code in canonical form is one of the codes, given in the same form."""
    return bool(typed) and typed in codes


def grouped(secret: str) -> str:
    """Return a secret in groups of four, as people type it from a screen."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
