"""What people meet when the database fails in the middle of something."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
)

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import db
from idp.web.browser_session import current_browser
from tests.flows.signing_in import add_person, cookie, enter_password, is_signed_in, try_password
from tests.parts.browserless import Visitor


@contextmanager
def commits_failing(app: Flask) -> Iterator[None]:
    """Let the disk be full for every commit that would make a new cookie true."""

    def refuse(_connection: Connection) -> None:
        browser = current_browser()
        if browser.secret != browser._settled:
            raise OperationalError("COMMIT", None, Exception("disk full"))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "commit", refuse)
    try:
        yield
    finally:
        event.remove(engine, "commit", refuse)


def test_F_03_a_commit_that_fails_leaves_the_browser_its_cookie(
    app: Flask, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    try_password(visitor, "nobody9", "x")
    before = cookie(visitor)
    with commits_failing(app):
        failed = enter_password(visitor, person)
    assert failed.status == 503
    assert "set-cookie" not in failed.response.headers
    assert cookie(visitor) == before
    page = enter_password(visitor, person)
    half_way = cookie(visitor)
    with commits_failing(app):
        failed = page.submit({"code": person.app.code()}, button="Continue")
    assert failed.status == 503
    assert "Signed in as" not in failed.text
    assert cookie(visitor) == half_way
    assert page.submit({"code": person.app.code()}, button="Continue").path == "/account"
    assert is_signed_in(visitor)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("SELECT", None, Exception("gone")), 503),
        (InterfaceError("SELECT", None, Exception("connection already closed")), 503),
        (PendingRollbackError("roll back first"), 503),
        (DBAPIError("SELECT", None, Exception("cut off"), connection_invalidated=True), 503),
        (DBAPIError("SELECT", None, Exception("a mistake of ours")), 500),
    ],
)
def test_F_01_a_lost_connection_is_told_as_such_however_the_driver_names_it(
    error: SQLAlchemyError, status: int, app: Flask
) -> None:
    client = app.test_client()
    client.set_cookie("idp", "A" * 43)

    def fail(*_: object) -> None:
        raise error

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        answer = client.get("/account")
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("5" if status == 503 else None)
