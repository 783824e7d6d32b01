"""When a session is over, and how well somebody proved who they are: pure decisions."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

AAL1 = "urn:ncid:acr:aal1"
AAL2 = "urn:ncid:acr:aal2"
AAL2_PHISHING_RESISTANT = "urn:ncid:acr:aal2-phr"
ACR_ORDER = (AAL1, AAL2, AAL2_PHISHING_RESISTANT)
_KEYS = frozenset(("hwk", "swk"))  # RFC 8176: a key in hardware, or one that can be copied

EndReason = Literal[
    "idle",
    "overall",
    "sign_out",
    "sign_out_everywhere",
    "replaced",
    "suspended",
    "password_reset",
    "password_changed",
    "disavowed",
    "closed",
    "archived",
    "factors_replaced",
]


def idle_ends_at(last_action_at: datetime, idle_seconds: int) -> datetime:
    """Return the first moment at which a session without further action is over."""
    return last_action_at + timedelta(seconds=idle_seconds)


def is_over(
    last_action_at: datetime, overall_ends_at: datetime, idle_seconds: int, now: datetime
) -> EndReason | None:
    """Return why a session is over, or None; after 899 s without action it lives, after 900 not."""
    if now >= overall_ends_at:
        return "overall"
    return "idle" if now >= idle_ends_at(last_action_at, idle_seconds) else None


def is_distrusted(last_action_at: datetime, grants_end_before: datetime | None) -> bool:
    """Tell whether something happened since that ends all sessions of the person."""
    return grants_end_before is not None and grants_end_before >= last_action_at


def may_go_on(amr: Collection[str], overall_ends_at: datetime, now: datetime) -> bool:
    """Tell whether the password alone revives what idleness ended: only where one was used."""
    return "pwd" in amr and now < overall_ends_at


def acr_of(amr: Collection[str]) -> str:
    """Return the assurance that the methods used reach (RFC 8176 names), honestly.

    A key counts together with something else: a password, or that its device knew the person.
    """
    if _KEYS & set(amr):
        return AAL2_PHISHING_RESISTANT if {"pwd", "user", "mfa"} & set(amr) else AAL1
    return AAL2 if {"pwd", "otp"} <= set(amr) else AAL1


def acr_satisfies(acr: str, wanted: str) -> bool:
    """Tell whether an assurance is at least the wanted one; an unknown one is never met."""
    if acr not in ACR_ORDER or wanted not in ACR_ORDER:
        return False
    return ACR_ORDER.index(acr) >= ACR_ORDER.index(wanted)
