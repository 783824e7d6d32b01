"""Tabs whose progress is kept by two requests at once."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import db, writing
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction, TransactionOver
from tests.flows.signing_in import add_newcomer, choose_app, enter_password, open_page
from tests.parts.application import on_both_databases
from tests.parts.browserless import Visitor

BROWSER = "b" * 64


@pytest.fixture
def engine(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


@pytest.fixture
def other(engine: Engine, parts: Parts) -> Iterator[Context]:
    """The context of another request at the same time."""
    with Session(engine) as session:
        yield parts.context(session, Origin.system("test"))


def begin(ctx: Context) -> Transaction:
    """Begin a transaction that knows who is half-way."""
    with writing(ctx.db):
        begun = transactions.begin(ctx, BROWSER, return_to="/account")
        return transactions.save(ctx, begun, proven={"account_id": "somebody"})


@on_both_databases
def test_MF_07_what_one_tab_takes_back_no_other_brings_back(ctx: Context, other: Context) -> None:
    tab = begin(ctx)
    is_begun = threading.Event()

    def keep_draft() -> None:
        is_begun.set()
        with writing(other.db):
            transactions.save(other, tab, enrolment="draft")

    writer = threading.Thread(target=keep_draft)
    with writing(ctx.db):
        transactions.save(ctx, tab, proven=None)
        writer.start()
        is_begun.wait(5)
        writer.join(0.5)  # waits for the row, or for the database
    writer.join(10)
    found = transactions.load(ctx, BROWSER, tab.handle)
    assert found
    assert found.progress == {"enrolment": "draft"}


@on_both_databases
def test_MF_07_nothing_is_kept_in_a_finished_or_forgotten_transaction(ctx: Context) -> None:
    finished, forgotten = begin(ctx), begin(ctx)
    with writing(ctx.db):
        assert transactions.complete(ctx, finished)
        assert transactions.forget(ctx, forgotten)
    for tab in (finished, forgotten):
        with pytest.raises(TransactionOver), writing(ctx.db):
            transactions.save(ctx, tab, enrolment="draft")


def test_MF_07_a_right_password_is_worth_fifteen_minutes_whatever_the_person_does(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    newcomer = add_newcomer(ctx, clock)
    page = choose_app(enter_password(visitor, newcomer))
    key = next(one for one in page.document.all("code") if one.get("id") == "app-key").text
    newcomer.app.secret = key.replace(" ", "")
    clock.advance(890)
    kept = page.submit({"code": newcomer.app.code()}, button="Continue")
    assert kept.path == "/mfa/recovery-codes"
    clock.advance(10)
    late = open_page(visitor, f"/mfa/recovery-codes?tx={kept.query['tx']}")
    assert late.path == "/sign-in"
