"""What a second factor still allows: pure decisions."""

from collections.abc import Mapping
from typing import Literal

from idp.foundation.results import Refused

FINISHED_ELSEWHERE = Refused("finished_elsewhere")
Kind = Literal["passkey", "totp", "recovery_code"]
WITH_CODE = ("pwd", "otp", "mfa")  # RFC 8176; a recovery code is a one-time password too


def may_enroll(state: str, authenticators: int, recovery_codes: int) -> bool:
    """Tell whether a half-way state may enrol a first factor.

    Only an account that never had one: who has a factor, even one that was disabled after too
    many wrong codes, never gets another by the password alone (case MF-10).
    """
    return state == "pending_mfa" and not authenticators and not recovery_codes


def kinds(
    passkeys: int, apps: int, recovery_codes: int, *, takes_passkeys_alone: bool = False
) -> list[Kind]:
    """Return which factors a person can use now, the usual one first.

    takes_passkeys_alone: the application refuses whatever else somebody with a passkey shows.
    Who has none is still asked for what they have: the application then says what is missing.
    """
    if passkeys and takes_passkeys_alone:
        return ["passkey"]
    counted: Mapping[Kind, int] = {
        "totp": apps,
        "passkey": passkeys,
        "recovery_code": recovery_codes,
    }
    return [kind for kind, number in counted.items() if number]


def key_method(*, is_synced: bool) -> str:
    """Return the name of RFC 8176 for a passkey: in hardware, or one that other devices have."""
    return "swk" if is_synced else "hwk"


def with_passkey(method: str, *, knew_password: bool) -> tuple[str, ...]:
    """Return the methods of a sign-in with a passkey, whose device always knew the person."""
    return (*(("pwd",) if knew_password else ()), method, "user", "mfa")


def grouped(secret: str) -> str:
    """Return a secret in groups of four, as people type it from a screen."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
