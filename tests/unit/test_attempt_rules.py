"""When failures lock, and for how long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.people.credentials.attempt_rules import (
    FOR_GOOD,
    Limits,
    Tally,
    after_failure,
    lock_seconds,
)

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
LIMITS = Limits(
    failures=5, window_seconds=900, lock_seconds=7200, lock_max_seconds=86400, quiet_seconds=604800
)
FRESH = Tally(0, 0, 0, NOW, None)


def failing(tally: Tally, times: int, now: datetime = NOW) -> Tally:
    """Fail so many times at one moment."""
    for _ in range(times):
        tally = after_failure(tally, LIMITS, now)
    return tally


def test_the_fifth_failure_locks_for_two_hours() -> None:
    assert failing(FRESH, 4).locked_until is None
    locked = failing(FRESH, 5)
    assert locked.locked_until == NOW + timedelta(hours=2)
    assert (locked.failures, locked.total, locked.locks) == (0, 5, 1)


@pytest.mark.parametrize(("seconds", "failures"), [(899, 5), (900, 1)])
def test_failures_are_forgotten_after_fifteen_minutes_without_one(
    seconds: int, failures: int
) -> None:
    tally = after_failure(failing(FRESH, 4), LIMITS, NOW + timedelta(seconds=seconds))
    assert (tally.failures or 5 * tally.locks) == failures


@pytest.mark.parametrize(
    ("earlier", "hours"), [(0, 2), (1, 4), (2, 8), (3, 16), (4, 24), (5, 24), (1000, 24)]
)
def test_each_repeat_locks_twice_as_long_up_to_a_day(earlier: int, hours: int) -> None:
    assert lock_seconds(LIMITS, earlier) == hours * 3600


@pytest.mark.parametrize(("days", "hours"), [(6.9, 4), (7, 2)])
def test_a_quiet_week_forgets_earlier_locks(days: float, hours: int) -> None:
    locked = failing(FRESH, 5)
    assert locked.locked_until
    later = locked.locked_until + timedelta(days=days)
    again = failing(locked, 5, later)
    assert again.locked_until == later + timedelta(hours=hours)


def test_after_a_lock_the_count_begins_anew_but_the_total_goes_on() -> None:
    locked = failing(FRESH, 5)
    assert locked.locked_until
    tally = after_failure(locked, LIMITS, locked.locked_until)
    assert (tally.failures, tally.total, tally.locked_until) == (1, 6, None)


@given(st.lists(st.integers(min_value=0, max_value=200_000), max_size=60))
def test_no_timing_of_failures_escapes_the_lock(pauses: list[int]) -> None:
    tally, now, recent = FRESH, NOW, list[datetime]()
    for pause in pauses:
        now += timedelta(seconds=pause)
        if tally.locked_until and now < tally.locked_until:
            continue
        was_locked = tally.locked_until is not None
        tally = after_failure(tally, LIMITS, now)
        recent = ([] if was_locked else recent) + [now]
        assert tally.failures < LIMITS.failures
        if tally.locked_until:
            assert tally.locked_until - now <= timedelta(seconds=LIMITS.lock_max_seconds)
    assert tally.total <= len(pauses)


def test_LG_05_a_guesser_who_waits_less_than_the_window_is_locked_at_the_fifth_try() -> None:
    tally = FRESH
    for number in range(5):
        assert tally.locked_until is None
        tally = after_failure(tally, LIMITS, NOW + timedelta(seconds=899 * number))
    assert tally.locked_until == NOW + timedelta(seconds=899 * 4 + 7200)


def test_LG_05_the_hundredth_failure_without_a_success_locks_for_good() -> None:
    limits, tally, now = replace(LIMITS, total_failures=100), FRESH, NOW
    for _ in range(99):
        tally = after_failure(tally, limits, now)
        now += timedelta(days=9)
        assert tally.locked_until != FOR_GOOD
    assert after_failure(tally, limits, now).locked_until == FOR_GOOD
