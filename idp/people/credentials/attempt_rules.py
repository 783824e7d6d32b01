"""When failures lock, and for how long: pure arithmetic."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """How many failures within which time lock for how long; seconds."""

    failures: int
    window_seconds: int
    lock_seconds: int
    lock_max_seconds: int
    quiet_seconds: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What a counter holds: failures in the window, failures in all, locks so far."""

    failures: int
    total: int
    locks: int
    window_started_at: datetime
    locked_until: datetime | None


def after_failure(tally: Tally, limits: Limits, now: datetime) -> Tally:
    """Return the tally with one more failure; a full window locks, each repeat twice as long.

    The caller has seen that no lock is in force.
    """
    tally = _aged(tally, limits, now)
    failures = tally.failures + 1
    counted = replace(tally, failures=failures, total=tally.total + 1)
    if failures < limits.failures:
        return counted
    return replace(
        counted,
        failures=0,
        locks=tally.locks + 1,
        window_started_at=now,
        locked_until=now + timedelta(seconds=lock_seconds(limits, tally.locks)),
    )


def lock_seconds(limits: Limits, earlier_locks: int) -> int:
    """Return how long the next lock lasts: doubling, never beyond the maximum."""
    doubled = limits.lock_seconds << min(earlier_locks, 16)
    return min(doubled, limits.lock_max_seconds)


def _aged(tally: Tally, limits: Limits, now: datetime) -> Tally:
    """Return the tally without what lies too far back, and without a lock that has ended."""
    ended = tally.locked_until
    if ended and now - ended >= timedelta(seconds=limits.quiet_seconds):
        tally = replace(tally, locks=0)
    is_old = now - tally.window_started_at >= timedelta(seconds=limits.window_seconds)
    if ended or is_old:
        tally = replace(tally, failures=0, window_started_at=now, locked_until=None)
    return tally
