"""Which step comes next, what is kept of what was typed, when a mail may be asked for: pure."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

EMPLOYEE = "employee"
BUSINESS = "business"
BUSINESS_FIELDS = ("business_name", "business_role")


class Step(StrEnum):
    """The pages on which something is typed, in their order."""

    ACCOUNT_TYPE = "/register"
    DETAILS = "/register/details"
    CONTACT = "/register/contact"
    PASSWORD = "/register/password"


def required_of(step: Step, draft: Mapping[str, str]) -> Sequence[str]:
    """Return what a step must have brought before the next one opens."""
    business = BUSINESS_FIELDS if draft.get("account_type") == BUSINESS else ()
    return {
        Step.ACCOUNT_TYPE: ("account_type",),
        Step.DETAILS: ("username", "first_name", "last_name", *business),
        Step.CONTACT: ("email",),
    }.get(step, ())


def step_owed(draft: Mapping[str, str], wanted: Step) -> Step | None:
    """Return the first step that must be done before the wanted one, or None."""
    for step in Step:
        if step is wanted:
            break
        if not all(draft.get(name) for name in required_of(step, draft)):
            return step
    return None


def step_after(step: Step) -> Step:
    """Return the step that follows; the last follows itself."""
    steps = list(Step)
    return steps[min(steps.index(step) + 1, len(steps) - 1)]


def draft_of(kept: Mapping[str, Any] | None, now: datetime, idle_seconds: int) -> dict[str, str]:
    """Return what was typed in earlier steps, or nothing when that is too long ago.

    A transaction that waits for a mail lives for a day; what somebody typed into a shared
    computer is shown no longer than a session without activity lives.
    """
    if not kept:
        return {}
    typed_at = datetime.fromisoformat(kept["typed_at"])
    return dict(kept["values"]) if now < typed_at + timedelta(seconds=idle_seconds) else {}


def seconds_until_next_mail(
    mails: int, last_at: datetime, now: datetime, waits: Sequence[int]
) -> int:
    """Return how long a transaction waits before it may ask for another mail; 0: not at all.

    mails: how many it has asked for. Counted from its own mails alone, so that the page tells
    nothing about what others asked for.
    """
    ready_at = last_at + timedelta(seconds=waits[min(mails, len(waits)) - 1])
    return max(0, math.ceil((ready_at - now).total_seconds()))
