"""offline_access: tokens that outlive the session, and what ends them. Core §11."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc.grants import purge
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.consents import service as consents
from idp.people.sessions import service as sessions
from tests.oidc import story
from tests.oidc.person import press
from tests.oidc.story import Application, Browser, answer_of
from tests.parts.application import on_both_databases

OFFLINE = "openid email offline_access"


def granted(browser: Browser, stranger: Application) -> dict[str, Any]:
    asked = browser.authorize(stranger, scope=OFFLINE)
    allowed = press(browser.client, asked, "decision", "allow")
    code = answer_of(browser.client.get(allowed.headers["Location"]))["code"]
    tokens: dict[str, Any] = stranger.redeem(browser.client, code).get_json()
    return tokens


@pytest.fixture
def tokens(browser: Browser, stranger: Application) -> dict[str, Any]:
    return granted(browser, stranger)


@on_both_databases
def test_it_outlives_the_session_even_when_its_row_is_gone(
    ctx: Context,
    clock: FixedClock,
    browser: Browser,
    stranger: Application,
    tokens: dict[str, Any],
) -> None:
    assert tokens["scope"] == OFFLINE
    with writing(ctx.db):
        sessions.end_session(ctx, browser.session.id, "sign_out")
    again = stranger.refresh(browser.client, tokens["refresh_token"]).get_json()
    assert browser.userinfo(again["access_token"]).get_json()["email"]
    for _ in range(2):
        clock.advance(20 * 86400)
        with writing(ctx.db):
            sessions.forget_ended(ctx)
        purge.forget_ended(ctx)
        again = stranger.refresh(browser.client, again["refresh_token"]).get_json()
        assert browser.userinfo(again["access_token"]).status_code == 200


def test_without_it_tokens_end_with_the_session(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    tokens = browser.tokens(portal)
    with writing(ctx.db):
        sessions.end_session(ctx, browser.session.id, "sign_out")
    refused = portal.refresh(browser.client, tokens["refresh_token"])
    assert refused.get_json()["error"] == "invalid_grant"


def test_TK_07_it_ends_unused_and_it_ends_in_any_case(
    clock: FixedClock, browser: Browser, stranger: Application, tokens: dict[str, Any]
) -> None:
    for _ in range(4):  # 20, 40, 60 and 80 days
        clock.advance(20 * 86400)
        tokens = stranger.refresh(browser.client, tokens["refresh_token"]).get_json()
    clock.advance(10 * 86400)
    refused = stranger.refresh(browser.client, tokens["refresh_token"])
    assert refused.get_json()["error"] == "invalid_grant"


def test_unused_for_thirty_days_it_is_dead(
    clock: FixedClock, browser: Browser, stranger: Application, tokens: dict[str, Any]
) -> None:
    clock.advance(30 * 86400)
    refused = stranger.refresh(browser.client, tokens["refresh_token"])
    assert refused.get_json()["error"] == "invalid_grant"


def _suspend(ctx: Context, account: Account) -> None:
    found = accounts.get(ctx, account.id)
    assert found
    accounts.set_state(ctx, found, "suspended")


def _withdraw(ctx: Context, account: Account) -> None:
    given = consents.in_force(ctx, account.id, "stranger")
    assert given
    assert consents.withdraw(ctx, account.id, given.id)


def _sign_out_everywhere(ctx: Context, account: Account) -> None:
    sessions.end_all(ctx, account.id, "sign_out_everywhere")


def _change_password(ctx: Context, account: Account) -> None:
    sessions.end_all(ctx, account.id, "password_reset")


@on_both_databases
@pytest.mark.parametrize("end", [_suspend, _withdraw, _sign_out_everywhere, _change_password])
def test_what_ends_it_ends_it_at_once(
    ctx: Context,
    browser: Browser,
    stranger: Application,
    recipient: Account,
    tokens: dict[str, Any],
    end: Callable[[Context, Account], None],
) -> None:
    with writing(ctx.db):
        end(ctx, recipient)
    assert browser.userinfo(tokens["access_token"]).status_code == 401
    refused = stranger.refresh(browser.client, tokens["refresh_token"])
    assert refused.get_json()["error"] == "invalid_grant"


def test_ending_everything_ends_nothing_that_comes_later(
    ctx: Context,
    app: Flask,
    clock: FixedClock,
    stranger: Application,
    recipient: Account,
    tokens: dict[str, Any],
) -> None:
    with writing(ctx.db):
        sessions.end_all(ctx, recipient.id, "sign_out_everywhere")
    clock.advance(1)
    anew = story.sign_in(ctx, app, recipient)
    later = anew.tokens(stranger, scope=OFFLINE)
    assert anew.userinfo(later["access_token"]).status_code == 200
    assert anew.userinfo(tokens["access_token"]).status_code == 401


def test_first_party_applications_need_no_consent(
    ctx: Context, browser: Browser, clock: FixedClock
) -> None:
    own = story.register(ctx, "own", scope="openid offline_access")
    tokens = browser.tokens(own, scope="openid offline_access")
    clock.advance(86400)
    assert own.refresh(browser.client, tokens["refresh_token"]).status_code == 200


def test_it_is_left_out_where_no_refresh_token_is_registered(
    ctx: Context, browser: Browser
) -> None:
    plain = story.register(
        ctx, "plain", scope="openid offline_access", grant_types=["authorization_code"]
    )
    tokens = browser.tokens(plain, scope="openid offline_access")
    assert tokens["scope"] == "openid"
    assert "refresh_token" not in tokens


def test_a_code_waits_for_no_session_that_ended(
    ctx: Context, browser: Browser, stranger: Application, tokens: dict[str, Any]
) -> None:
    code = browser.code(stranger, scope=OFFLINE)
    with writing(ctx.db):
        sessions.end_session(ctx, browser.session.id, "sign_out")
    assert stranger.redeem(browser.client, code).get_json()["error"] == "invalid_grant"
    assert tokens


def test_empty_grants_are_forgotten(
    ctx: Context, clock: FixedClock, browser: Browser, stranger: Application
) -> None:
    granted(browser, stranger)
    with writing(ctx.db):
        sessions.end_session(ctx, browser.session.id, "sign_out")
    clock.advance(100 * 86400)
    with writing(ctx.db):
        sessions.forget_ended(ctx)
    assert purge.forget_ended(ctx) == 3  # two tokens, and the grant that is left without any
    assert purge.forget_ended(ctx) == 0
