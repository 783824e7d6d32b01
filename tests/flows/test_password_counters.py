"""Which counter decides what, whoever tries in whatever order and wherever."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.browsers import service as browsers
from idp.people.credentials import password_check
from idp.people.credentials.attempt_rules import FOR_GOOD, Limits, Tally, after_failure
from tests.flows.signing_in import PASSWORD, WRONG, add_person

Where = Literal["username", "email", "browser"]
_KEYS = {"username": ("username", "person"), "email": ("email", "person"), "browser": ("browser",)}
# Of policies/lockout.toml, written out: a test must not believe what it tests.
_DAY = 86_400
_ELSEWHERE = Limits(5, 900, 7200, _DAY, 7 * _DAY, 100)
_IN_BROWSER = Limits(10, 900, 7200, _DAY, 7 * _DAY, 100)

tries = st.tuples(
    st.sampled_from(["username", "email", "browser"]),
    st.sampled_from([True, False, False, False, False, False]),
    st.sampled_from([0, 0, 0, 0, 1, 899, 900, 7199, 7200, _DAY, 8 * _DAY]),
)
_quickly = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass
class Truth:
    """What the counters should say, kept in the plainest way."""

    tallies: dict[str, Tally] = field(default_factory=dict)

    def answer(self, where: Where, now: datetime, *, is_right: bool) -> str:
        """Count a try and say what it is answered."""
        first, *others = _KEYS[where]
        if self._is_locked(first, now):
            return "locked"
        self._count(first, now)
        if any(self._is_locked(other, now) for other in others):
            return "sign_in_failed"
        for other in others:
            self._count(other, now)
        if not is_right:
            return "sign_in_failed"
        for key in _KEYS[where]:
            del self.tallies[key]
        return "right"

    def _is_locked(self, key: str, now: datetime) -> bool:
        until = self.tallies[key].locked_until if key in self.tallies else None
        return until is not None and now < until

    def _count(self, key: str, now: datetime) -> None:
        limits = _IN_BROWSER if key == "browser" else _ELSEWHERE
        former = self.tallies.get(key, Tally(0, 0, 0, now, None))
        self.tallies[key] = after_failure(former, limits, now)


def answered(ctx: Context, typed: str, password: str, browser: str | None = None) -> str:
    """Try a password and return the key of the answer."""
    result = password_check.check(ctx, typed, password, lambda _account: "right", browser)
    return result.key if isinstance(result, Refused) else result


@_quickly
@given(steps=st.lists(tries, max_size=40))
@example(steps=[("browser", False, 0)] * 11 + [("username", True, 0)])
@example(steps=[("username", False, 0)] * 6 + [("email", True, 0), ("browser", True, 0)])
@example(steps=[("email", False, 0)] * 5 + [("username", True, 0), ("username", True, 7200)])
def test_LG_05_each_try_is_answered_by_the_counters_of_where_it_was_made(
    steps: list[tuple[Where, bool, int]], ctx: Context, clock: FixedClock
) -> None:
    secret = _fresh_person(ctx, clock)
    truth = Truth()
    names = {"username": "rosario", "email": "rosario@example.org", "browser": "rosario"}
    for where, is_right, pause in steps:
        clock.advance(pause)
        password, browser = PASSWORD if is_right else WRONG, secret if where == "browser" else None
        wanted = truth.answer(where, clock.now(), is_right=is_right)
        assert answered(ctx, names[where], password, browser) == wanted


@_quickly
@given(pauses=st.lists(st.sampled_from([0, 0, 0, 0, 899, 900, 7200, _DAY]), max_size=30))
def test_LG_08_no_timing_of_wrong_passwords_tells_known_names_from_unknown(
    pauses: list[int], ctx: Context, clock: FixedClock
) -> None:
    _fresh_person(ctx, clock)
    for pause in pauses:
        clock.advance(pause)
        assert answered(ctx, "rosario", WRONG) == answered(ctx, "nobody99", WRONG)


def test_LG_05_the_hundredth_failure_in_a_recognised_browser_ends_its_lane_alone(
    ctx: Context, clock: FixedClock
) -> None:
    secret = _fresh_person(ctx, clock)
    for _ in range(99):
        assert answered(ctx, "rosario", WRONG, secret) == "sign_in_failed"
        clock.advance(900)
    assert answered(ctx, "rosario", WRONG, secret) == "sign_in_failed"
    clock.advance(30 * _DAY)
    assert answered(ctx, "rosario", PASSWORD, secret) == "locked"
    assert answered(ctx, "rosario", PASSWORD) == "right"


def test_LG_01_the_longest_lock_ends_after_a_day_and_the_last_one_never(
    ctx: Context, clock: FixedClock
) -> None:
    _fresh_person(ctx, clock)
    total = 0
    for hours in (2, 4, 8, 16, 24, 24):
        for _ in range(5):
            assert answered(ctx, "rosario", WRONG) == "sign_in_failed"
            total += 1
        clock.advance(timedelta(hours=hours).total_seconds() - 1)
        assert answered(ctx, "rosario", PASSWORD) == "locked"
        clock.advance(1)
    for _ in range(100 - total):
        assert answered(ctx, "rosario", WRONG) == "sign_in_failed"
        clock.advance(_DAY)
    assert answered(ctx, "rosario", PASSWORD) == "locked"
    ctx.db.rollback()
    ends = ctx.db.scalars(text("SELECT locked_until FROM attempt_counter")).all()
    assert {str(end)[:4] for end in ends} == {str(FOR_GOOD.year)}


def _fresh_person(ctx: Context, clock: FixedClock) -> str:
    """Keep somebody whom no counter knows yet; return the secret of their recognised browser."""
    with writing(ctx.db):
        ctx.db.execute(text("DELETE FROM attempt_counter"))
        known = ctx.db.scalar(text("SELECT id FROM account"))
    account_id = str(known or add_person(ctx, clock).id)
    with writing(ctx.db):
        browsers.end_all(ctx, account_id)
        return browsers.keep(ctx, account_id, None).secret
