"""When a silent person is written to, and when their account is archived: pure arithmetic."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def silent_since(step: int, now: datetime, dormant_days: int, days: Sequence[int]) -> datetime:
    """Return the newest last sign-in for which a step is due.

    step: how many notices went out; the step after the last notice is the archiving. days: how
    long before it each notice goes out.
    """
    return now - timedelta(days=dormant_days - _days_before(step, days))


def noticed_before(step: int, now: datetime, days: Sequence[int]) -> datetime | None:
    """Return the newest former notice after which a step may follow; None for the first step.

    The notices keep their distance even when the service was away for months: nobody reads four
    mails at once and is archived the same day.
    """
    if step == 0:
        return None
    return now - timedelta(days=days[step - 1] - _days_before(step, days))


def archives_at(step: int, now: datetime, days: Sequence[int]) -> datetime:
    """Return when an account is archived whose notice of a step goes out now."""
    return now + timedelta(days=days[step])


def _days_before(step: int, days: Sequence[int]) -> int:
    return days[step] if step < len(days) else 0
