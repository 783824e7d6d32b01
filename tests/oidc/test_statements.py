"""How many statements an operation costs (performance.md section 2): counts need no clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

from idp.foundation.database import db
from tests.oidc.story import Application, Browser
from tests.parts.application import on_both_databases


@contextmanager
def counting(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that the application sends meanwhile."""
    sent: list[str] = []

    def keep(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", keep)


@on_both_databases
def test_hot_operations_take_two_statements_or_one(
    app: Flask, browser: Browser, portal: Application
) -> None:
    browser.tokens(portal)  # the client is known, and takes part in the session
    with counting(app) as silent:
        code = browser.code(portal, prompt="none")
    assert len(silent) == 2, silent
    with counting(app) as exchange:
        tokens = portal.redeem(browser.client, code).get_json()
    assert len(exchange) == 2, exchange
    with counting(app) as userinfo:
        browser.userinfo(tokens["access_token"])
    assert len(userinfo) == 1, userinfo
    with counting(app) as refresh:
        portal.refresh(browser.client, tokens["refresh_token"])
    assert len(refresh) == 2, refresh
    with counting(app) as documents:
        browser.client.get("/.well-known/openid-configuration")
        browser.client.get("/oidc/jwks")
    assert documents == []
