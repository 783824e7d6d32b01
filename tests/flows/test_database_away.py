"""What people meet when the database fails in the middle of something."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

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
