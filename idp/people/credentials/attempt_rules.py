"""When failures lock, and for how long: pure arithmetic."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

# A lock without an end of its own; far from the last moment that databases and zones know.
FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many failures lock for how long; seconds.

    window_seconds: without a failure for so long the failures are forgotten. total_failures: so
    many failures without a success lock for good; None: never.
    """

    failures: int
    window_seconds: int
    lock_seconds: int
    lock_max_seconds: int
    quiet_seconds: int
    total_failures: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What a counter holds: failures since the last pause or lock, failures in all, locks."""

    failures: int
    total: int
    locks: int
    last_failed_at: datetime
    locked_until: datetime | None


def after_failure(tally: Tally, limits: Limits, now: datetime) -> Tally:
    """Return the tally with one more failure; enough of them lock, each repeat twice as long.

    Each failure starts the waiting anew, so that a slow guesser is stopped like a fast one. The
    caller has seen that no lock is in force.
    """
    tally = _aged(tally, limits, now)
    failures, total = tally.failures + 1, tally.total + 1
    counted = replace(tally, failures=failures, total=total, last_failed_at=now)
    is_last = limits.total_failures is not None and total >= limits.total_failures
    if failures < limits.failures and not is_last:
        return counted
    ends_at = now + timedelta(seconds=lock_seconds(limits, tally.locks))
    locked_until = FOR_GOOD if is_last else ends_at
    return replace(counted, failures=0, locks=tally.locks + 1, locked_until=locked_until)


def lock_seconds(limits: Limits, earlier_locks: int) -> int:
    """Return how long the next lock lasts: doubling, never beyond the maximum."""
    doubled = limits.lock_seconds << min(earlier_locks, 16)
    return min(doubled, limits.lock_max_seconds)


def _aged(tally: Tally, limits: Limits, now: datetime) -> Tally:
    """Return the tally without what lies too far back, and without a lock that has ended."""
    ended = tally.locked_until
    if ended and now - ended >= timedelta(seconds=limits.quiet_seconds):
        tally = replace(tally, locks=0)
    is_old = now - tally.last_failed_at >= timedelta(seconds=limits.window_seconds)
    if ended or is_old:
        tally = replace(tally, failures=0, locked_until=None)
    return tally
