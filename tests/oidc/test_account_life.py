"""What applications hold when an account is closed, and when its lost factor is replaced."""

import pytest
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts import lifecycle
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.lost_factors import service as lost_factors
from idp.people.lost_factors.service import LostFactor
from tests.oidc.story import Application, Browser, answer_of
from tests.oidc.test_offline_access import granted
from tests.parts.application import on_both_databases

_DAY = 86400


def held(ctx: Context, account_id: str) -> Account:
    """Return an account inside of a use case."""
    account = accounts.hold(ctx, account_id)
    assert account
    return account


def is_refused(browser: Browser, application: Application, token: str) -> bool:
    """Tell whether a refresh token is worth nothing."""
    refused = application.refresh(browser.client, token).get_json()
    return bool(refused.get("error") == "invalid_grant")


@on_both_databases
def test_a_closing_ends_every_token_at_once_and_tells_the_applications(
    ctx: Context, browser: Browser, portal: Application, stranger: Application, recipient: Account
) -> None:
    online, offline = browser.tokens(portal), granted(browser, stranger)
    with writing(ctx.db):
        assert lifecycle.ask_closing(ctx, held(ctx, recipient.id))
    for tokens, application in ((online, portal), (offline, stranger)):
        assert browser.userinfo(tokens["access_token"]).status_code == 401
        assert is_refused(browser, application, tokens["refresh_token"])
    queued = text("SELECT count(*) FROM outbox WHERE kind = 'backchannel_logout'")
    assert ctx.db.scalar(queued) == 2


@pytest.mark.parametrize("is_kept", [True, False])
def test_what_a_closing_ended_stays_ended_whatever_comes_of_it(
    ctx: Context, clock: FixedClock, browser: Browser, stranger: Application, recipient: Account,
    is_kept: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    tokens = granted(browser, stranger)
    with writing(ctx.db):
        lifecycle.ask_closing(ctx, held(ctx, recipient.id))
    clock.advance(_DAY - 1 if is_kept else _DAY)
    with writing(ctx.db):
        if is_kept:
            assert lifecycle.keep(ctx, recipient.id, "page")
        else:
            assert lifecycle.close_due(ctx) == 1
    assert is_refused(browser, stranger, tokens["refresh_token"])


@on_both_databases
def test_what_was_granted_outlives_the_replacement_of_a_factor(
    ctx: Context, clock: FixedClock, browser: Browser, stranger: Application, recipient: Account
) -> None:
    tokens = granted(browser, stranger)
    with writing(ctx.db):
        asked = lost_factors.ask(ctx, held(ctx, recipient.id))
        assert isinstance(asked, LostFactor)
        key = asked.id
    clock.advance(_DAY)
    with writing(ctx.db):
        lost_factors.send_links(ctx)
        assert lost_factors.complete(ctx, key)
    with writing(ctx.db):  # as enrolling a new factor does
        accounts.set_state(ctx, held(ctx, recipient.id), "active")
    again = stranger.refresh(browser.client, tokens["refresh_token"]).get_json()
    assert browser.userinfo(again["access_token"]).status_code == 200
    assert "code" not in answer_of(browser.authorize(stranger, prompt="none"))
