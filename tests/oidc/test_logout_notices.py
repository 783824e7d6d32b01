"""Whatever ends a session tells every application that took part in it (LO-07)."""

from typing import get_args

import pytest
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts.service import Account
from idp.people.sessions import service as sessions
from idp.people.sessions.rules import EndReason
from tests.oidc import story
from tests.oidc.story import Browser

_BY_TIME: dict[str, int] = {"idle": 900, "overall": 12 * 3600}
_BY_HAND = [reason for reason in get_args(EndReason) if reason not in _BY_TIME]


def queued(ctx: Context) -> int:
    ctx.db.rollback()
    counted = text("SELECT count(*) FROM outbox WHERE kind = 'backchannel_logout'")
    return int(ctx.db.execute(counted).scalar_one())


def reason_of(ctx: Context, browser: Browser) -> str:
    query = text("SELECT end_reason FROM session WHERE id = :id")
    return str(ctx.db.execute(query, {"id": browser.session.id}).scalar_one())


@pytest.mark.parametrize("reason", _BY_HAND)
def test_LO_07_every_reason_tells_every_application(
    ctx: Context, browser: Browser, portal: story.Application, recipient: Account, reason: EndReason
) -> None:
    browser.tokens(portal)
    browser.tokens(story.register(ctx, "second"))
    with writing(ctx.db):
        assert sessions.end_all(ctx, recipient.id, reason) == 1
    assert queued(ctx) == 2
    assert reason_of(ctx, browser) == reason


@pytest.mark.parametrize("reason", _BY_TIME)
def test_LO_07_time_that_runs_out_tells_once(
    ctx: Context, browser: Browser, portal: story.Application, clock: FixedClock, reason: str
) -> None:
    browser.tokens(portal)
    if reason == "overall":
        _act_until(ctx, browser, clock, _BY_TIME[reason])
    else:
        clock.advance(_BY_TIME[reason] - 1)
        assert _swept(ctx) == 0
        clock.advance(1)
    assert _swept(ctx) == 1
    assert _swept(ctx) == 0
    assert queued(ctx) == 1
    assert reason_of(ctx, browser) == reason


def test_what_was_signed_out_before_is_not_told_again(
    ctx: Context, browser: Browser, portal: story.Application, recipient: Account
) -> None:
    browser.tokens(portal)
    for _ in range(2):
        with writing(ctx.db):
            sessions.end_all(ctx, recipient.id, "password_reset")
    assert queued(ctx) == 1


def test_a_session_that_is_kept_tells_nobody(
    ctx: Context, browser: Browser, portal: story.Application, recipient: Account
) -> None:
    browser.tokens(portal)
    with writing(ctx.db):
        kept = browser.session.id
        assert sessions.end_all(ctx, recipient.id, "sign_out_everywhere", keep=kept) == 0
    assert queued(ctx) == 0


def _act_until(ctx: Context, browser: Browser, clock: FixedClock, seconds: int) -> None:
    """Act every ten minutes until the time is over, so that idleness ends nothing."""
    step = 600
    for _ in range(seconds // step - 1):
        clock.advance(step)
        with writing(ctx.db):
            assert sessions.record_activity(ctx, browser.session.id)
    assert _swept(ctx) == 0
    clock.advance(step)


def _swept(ctx: Context) -> int:
    with writing(ctx.db):
        return sessions.sweep_expired(ctx)
