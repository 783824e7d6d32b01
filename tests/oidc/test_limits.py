"""How much of the database strangers may fill, and how often they may guess."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from werkzeug.test import TestResponse

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Parts
from idp.foundation.database import db
from idp.foundation.rate_limits.model import RateLimitWindow
from idp.foundation.rate_limits.service import LimitName
from idp.web.transactions.model import TransactionRow
from tests.oidc.story import Application, Browser, is_refusal_page

_TRANSACTIONS = LimitName.TRANSACTIONS_NETWORK
_ADDRESS, _NEIGHBOUR, _ELSEWHERE = "198.51.100.7", "198.51.100.8", "203.0.113.9"


@pytest.fixture
def three_a_minute(app: Flask, parts: Parts) -> Iterator[None]:
    """The policies, with room for three waiting requests a minute."""
    policy = parts.policies.rate_limits
    limit = policy.limits[_TRANSACTIONS].model_copy(update={"amount": 3})
    limits = {**policy.limits, _TRANSACTIONS: limit}
    narrow = replace(parts.policies, rate_limits=policy.model_copy(update={"limits": limits}))
    app.extensions["idp"] = replace(parts, policies=narrow)
    yield
    app.extensions["idp"] = parts


@pytest.mark.usefixtures("three_a_minute")
def test_F_25_a_network_that_begins_too_many_transactions_waits(
    ctx: Context, app: Flask, portal: Application, clock: FixedClock
) -> None:
    def begin(address: str) -> TestResponse:
        return app.test_client().get(
            "/oidc/authorize",
            query_string=portal.request(),
            environ_base={"REMOTE_ADDR": address},
        )

    assert [begin(_ADDRESS).status_code for _ in range(3)] == [303, 303, 303]
    refused = begin(_NEIGHBOUR)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert refused.mimetype == "text/html"
    assert begin(_ELSEWHERE).status_code == 303
    clock.advance(120)
    assert begin(_ADDRESS).status_code == 303
    ctx.db.rollback()
    assert ctx.db.scalar(select(func.count()).select_from(TransactionRow)) == 5


def test_F_25_a_state_is_kept_up_to_its_limit(app: Flask, portal: Application) -> None:
    longest, longer = (
        app.test_client().get("/oidc/authorize", query_string=portal.request(state="x" * length))
        for length in (2048, 2049)
    )
    assert longest.status_code == 303
    assert is_refusal_page(longer)


def test_TK_20_guessing_under_many_names_is_slowed_down_too(
    app: Flask, browser: Browser, portal: Application
) -> None:
    statuses = [_guess(app, f"client-{number}").status_code for number in range(103)]
    assert statuses == [401] * 101 + [429] * 2
    assert _guess(app, "portal", _ELSEWHERE).status_code == 401
    assert browser.tokens(portal)["access_token"]


@pytest.mark.parametrize("name", ["a b", "-", "x" * 129, "'; DROP", "ü"])
def test_TK_20_what_can_name_no_client_costs_no_statement(
    ctx: Context, app: Flask, name: str
) -> None:
    assert _guess(app, name).status_code == 401
    assert ctx.db.scalar(select(func.count()).select_from(RateLimitWindow)) == 0
    assert not ctx.db.execute(text("SELECT event FROM audit_event")).all()


def test_TK_26_an_unknown_client_costs_the_same_statements_as_a_wrong_secret(
    app: Flask, portal: Application, clock: FixedClock
) -> None:
    _guess(app, portal.client_id)
    clock.advance(2)  # no registration is remembered this long
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    _guess(app, portal.client_id)
    known = list(statements)
    statements.clear()
    _guess(app, "nobody")
    event.remove(engine, "before_cursor_execute", note)
    assert known
    assert statements == known


def _guess(app: Flask, client_id: str, address: str = _ADDRESS) -> TestResponse:
    form = {"grant_type": "authorization_code", "code": "x"}
    return app.test_client().post(
        "/oidc/token",
        data=form | {"client_id": client_id, "client_secret": "a guess"},
        environ_base={"REMOTE_ADDR": address},
    )
