"""Fixtures of the flows' tests: people, their browsers and what the worker sends them."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from idp.cli.work import make_worker
from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import db
from idp.foundation.mail.mailbox import KeptMail, newest
from tests.parts.application import ISSUER
from tests.parts.browserless import Visitor
from tests.parts.fixtures import OpenBrowserless

OpenVisitor = Callable[..., Visitor]
ReadMail = Callable[[str], list[KeptMail]]


@pytest.fixture
def ctx(app: Flask, parts: Parts) -> Iterator[Context]:
    """The context of a use case outside any request.

    No application context is left open: Flask would share its `g`, and with it who is signed in,
    with every request of the test.
    """
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield parts.context(session, Origin.system("test"))


@pytest.fixture
def open_visitor(app: Flask, browserless: OpenBrowserless) -> OpenVisitor:
    """Open one more browser without JavaScript and without cookies; takes its language."""

    def opened(language: str = "en") -> Visitor:
        return browserless({ISSUER: app}, language)

    return opened


@pytest.fixture
def visitor(open_visitor: OpenVisitor) -> Visitor:
    """A browser without JavaScript and without cookies."""
    return open_visitor()


@pytest.fixture
def read_mail(app: Flask, ctx: Context) -> ReadMail:
    """Let the worker do what is due, then return the mails to an address, the newest first."""

    def read(address: str) -> list[KeptMail]:
        make_worker(app, threads=1).run_once()
        ctx.db.rollback()
        return newest(ctx, to=address)

    return read
