"""Reports of activity: one clock for the whole single sign-on session (security.md, SE-02)."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc.activity import report
from idp.oidc.parameters import Parameters
from idp.people.accounts.service import Account
from idp.people.sessions import service as sessions
from tests.oidc import story
from tests.oidc.story import Application, Browser, answer_of
from tests.parts.application import START, on_both_databases

_START = int(START.timestamp())


def tell(browser: Browser, portal: Application, **form: str | None) -> dict[str, Any]:
    sent = {"sid": browser.session.sid} | form
    response = portal.post(browser.client, "/oidc/activity", sent)
    assert response.status_code == 200, response.text
    assert response.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = response.get_json()
    return found


@pytest.fixture
def entered(browser: Browser, portal: Application) -> Browser:
    """The person has entered the portal."""
    browser.tokens(portal)
    return browser


@on_both_databases
def test_working_in_a_portal_keeps_the_session(
    entered: Browser, portal: Application, clock: FixedClock
) -> None:
    for _ in range(5):
        clock.advance(890)
        told = tell(entered, portal, acted_at=str(clock.now().timestamp()))
        assert told["active"] is True
        assert told["idle_ends_at"] == int(clock.now().timestamp()) + 900
        assert told["overall_ends_at"] == _START + 12 * 3600
    assert "code" in answer_of(entered.authorize(portal, prompt="none"))


def test_SE_02_asking_does_not_keep_it(
    entered: Browser, portal: Application, clock: FixedClock
) -> None:
    clock.advance(899)
    told = tell(entered, portal)
    assert told == {
        "active": True,
        "idle_ends_at": _START + 900,
        "overall_ends_at": _START + 12 * 3600,
    }
    clock.advance(1)
    assert tell(entered, portal) == {"active": False}


def test_SE_02_silent_calls_do_not_keep_it(
    entered: Browser, portal: Application, clock: FixedClock
) -> None:
    clock.advance(890)
    tokens = entered.tokens(portal)
    portal.refresh(entered.client, tokens["refresh_token"])
    entered.userinfo(tokens["access_token"])
    assert tell(entered, portal)["idle_ends_at"] == _START + 900


def test_a_report_never_moves_the_clock_back(
    entered: Browser, portal: Application, clock: FixedClock
) -> None:
    clock.advance(600)
    assert tell(entered, portal, acted_at=str(_START + 500))["idle_ends_at"] == _START + 1400
    assert tell(entered, portal, acted_at=str(_START + 400))["idle_ends_at"] == _START + 1400


def test_a_late_report_does_not_revive_a_session(
    entered: Browser, portal: Application, clock: FixedClock
) -> None:
    clock.advance(900)
    assert tell(entered, portal, acted_at=str(_START + 899)) == {"active": False}
    assert tell(entered, portal) == {"active": False}


def test_a_report_of_an_ended_session_changes_nothing(
    ctx: Context, entered: Browser, portal: Application
) -> None:
    with writing(ctx.db):
        sessions.end_session(ctx, entered.session.id, "sign_out")
    assert tell(entered, portal, acted_at=str(_START)) == {"active": False}


def test_the_overall_limit_stands(entered: Browser, portal: Application, clock: FixedClock) -> None:
    for _ in range(54):
        clock.advance(800)
        told = tell(entered, portal, acted_at=str(clock.now().timestamp()))
    assert told == {"active": False}


def test_a_moment_ahead_counts_as_now_and_further_is_refused(
    entered: Browser, portal: Application
) -> None:
    assert tell(entered, portal, acted_at=str(_START + 30))["idle_ends_at"] == _START + 900
    sent = {"sid": entered.session.sid, "acted_at": str(_START + 31)}
    refused = portal.post(entered.client, "/oidc/activity", dict(sent))
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_request")


def test_an_application_reports_only_sessions_it_takes_part_in(
    ctx: Context, entered: Browser, portal: Application
) -> None:
    other = story.register(ctx, "other")
    assert tell(entered, other, acted_at=str(_START)) == {"active": False}
    assert tell(entered, portal, sid="unknown\x00") == {"active": False}


def test_only_trusted_applications_may_report(
    ctx: Context, entered: Browser, portal: Application
) -> None:
    foreign = story.register(ctx, "foreign", first_party=False, reports_activity=False)
    sent: dict[str, str | None] = {"sid": entered.session.sid}
    assert foreign.post(entered.client, "/oidc/activity", dict(sent)).status_code == 403
    assert entered.client.post("/oidc/activity", data=sent).status_code == 401
    twice = entered.client.post(
        "/oidc/activity",
        data=b"sid=a&sid=b",
        content_type="application/x-www-form-urlencoded",
        headers=portal.basic(),
    )
    assert twice.status_code == 400


@pytest.mark.parametrize(
    "form", [{"sid": None}, {"sid": "x" * 200}, {"acted_at": "soon"}, {"acted_at": "-1"},
             {"acted_at": "1e99"}, {"acted_at": "nan"}, {"acted_at": "9" * 30}],
)  # fmt: skip
def test_what_is_no_report_is_400(
    entered: Browser, portal: Application, form: dict[str, str | None]
) -> None:
    sent: dict[str, str | None] = {"sid": entered.session.sid}
    assert portal.post(entered.client, "/oidc/activity", sent | form).status_code == 400


def test_a_session_of_somebody_else_is_untouched(
    ctx: Context, app: Flask, recipient: Account, entered: Browser, portal: Application,
    clock: FixedClock,
) -> None:  # fmt: skip
    other = story.sign_in(ctx, app, recipient)
    other.tokens(portal)
    clock.advance(899)
    tell(other, portal, acted_at=str(_START + 899))
    clock.advance(1)
    assert tell(other, portal)["active"] is True
    assert tell(entered, portal) == {"active": False}


@given(st.floats(min_value=0, max_value=1e11), st.integers(0, 60))
def test_no_report_lies_in_the_future(seconds: float, skew: int) -> None:
    asked = report.read(Parameters({"sid": "x", "acted_at": f"{seconds:.3f}"}), START, skew)
    if isinstance(asked, report.Report):
        assert asked.acted_at is not None
        assert asked.acted_at <= START
    else:
        assert seconds > _START + skew - 1
