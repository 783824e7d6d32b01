"""Registration tells nobody who has an account (cases RG-01, RG-03)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import db
from idp.foundation.one_time_codes.model import OneTimeCode
from idp.foundation.outbox.model import OutboxRow
from idp.people.accounts.model import Account, Registration
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.registering import (
    DETAILS,
    EMAIL,
    ENROLLING,
    NEW_PASSWORD,
    code_of,
    enter_code,
    fill_contact,
    finish,
    register,
)
from tests.flows.signing_in import add_person
from tests.parts.browserless import Answer

TAKEN, FREE = "rosario", "ricardo"  # of one length, so that nothing else tells them apart


@dataclass
class Statements:
    """Every statement that the database was sent."""

    texts: list[str] = field(default_factory=list)


@contextmanager
def listening(app: Flask) -> Iterator[Statements]:
    """Note every statement that the application sends meanwhile."""
    heard = Statements()

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.texts.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


def told(page: Answer, name: str) -> tuple[int, dict[str, str], str]:
    """Return everything a page tells, apart from what was typed and what is always random."""
    body = page.response.text.replace(name, "NAME")
    body = re.sub(r'(name="csrf_token" type="hidden" value=")[^"]*', r"\1", body)
    body = re.sub(r'(name="tx" value=")[^"]*', r"\1", body)
    body = re.sub(r"tx=[\w-]{43}", "tx=", body)
    headers = {
        key: value
        for key, value in page.response.headers.items()
        # The form token is compressed, so its length is as random as itself.
        if key not in {"set-cookie", "x-request-id", "content-length"}
    }
    return page.status, headers, body


@pytest.mark.parametrize("what", ["username", "email"])
def test_RG_01_a_taken_name_or_address_gets_the_same_pages_to_the_byte(
    what: str, open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    add_person(ctx, clock, TAKEN)
    pages = {}
    for name in (TAKEN, FREE):
        visitor = open_visitor()
        email = f"{name}@example.org" if what == "email" else f"{name}@example.net"
        username = name if what == "username" else f"{name}-2"
        password = fill_contact(visitor, email, username=username)
        waiting = finish(password)
        again = waiting.submit(button="Send a new message")
        wrong = enter_code(waiting, "12345678")
        pages[name] = [told(page, name) for page in (password, waiting, again, wrong)]
    assert pages[TAKEN] == pages[FREE]


def test_RG_03_a_taken_address_costs_the_same_statements_and_one_mail(
    app: Flask, open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    add_person(ctx, clock, TAKEN)
    sent = {}
    for name in (TAKEN, FREE):
        password = fill_contact(open_visitor(), f"{name}@example.org", username=f"{name}-2")
        before = _rows(ctx)
        with listening(app) as heard:
            assert finish(password).status == 200
        sent[name] = heard.texts
        after = _rows(ctx)
        assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 1, 0]
    assert sent[TAKEN] == sent[FREE]


def test_RG_01_the_owner_of_a_taken_address_is_told_and_nothing_is_changed(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock, TAKEN)
    register(open_visitor(), f"{TAKEN.upper()}@Example.org", username="intruder")
    mails = read_mail(person.email)
    assert [mail.subject for mail in mails] == ["You already have an account"]
    assert f"Your username is {TAKEN}." in mails[0].text
    assert "intruder" not in mails[0].text + mails[0].html
    assert not re.search(r"\b\d{8}\b", mails[0].text)
    account = ctx.db.get(Account, person.id)
    assert account
    assert (account.username, account.state, account.first_name) == (TAKEN, "active", "Rosa")


def test_a_taken_username_is_told_and_replaced_only_after_the_mailbox_is_proven(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    add_person(ctx, clock, TAKEN)
    waiting = register(open_visitor(), username=TAKEN)
    page = enter_code(waiting, code_of(read_mail(EMAIL)[0]))
    assert page.heading == "Choose another username"
    assert len(re.findall(rf"{TAKEN}\d{{4}}", page.text)) == 3
    assert _accounts(ctx, EMAIL) == []
    secret = {"password": NEW_PASSWORD["new_password"]}
    for username, words in (
        (TAKEN.upper(), "This username is taken."),
        ("9rivers", "Begin your username"),
        ("rio", "Use 6 to 20 characters"),
    ):
        answer = page.submit({"username": username} | secret, button="Continue")
        assert answer.status == 422
        assert words in answer.text
    wrong = page.submit({"username": "maria-free", "password": "wrong"}, button="Continue")
    assert "That is not the password chosen at registration." in wrong.text


def test_the_new_username_must_not_stand_in_the_password(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    add_person(ctx, clock, TAKEN)
    password = "7 Quiet-meadows at dusk"
    page = fill_contact(open_visitor(), username=TAKEN)
    page = enter_code(finish(page, password), code_of(read_mail(EMAIL)[0]))
    refused = page.submit({"username": "meadows", "password": password}, button="Continue")
    assert "Your password contains this username." in refused.text
    done = refused.submit({"username": "hillside", "password": password}, button="Continue")
    assert done.path == ENROLLING
    assert _accounts(ctx, EMAIL) == ["hillside"]


def test_an_address_that_became_an_account_meanwhile_is_told_only_its_prover(
    open_visitor: OpenVisitor, ctx: Context, read_mail: ReadMail, clock: FixedClock
) -> None:
    first = register(open_visitor(), username="first.one")
    first_code = code_of(read_mail(EMAIL)[0])
    clock.advance(30)
    second = register(open_visitor(), username="second.one")
    second_code = code_of(read_mail(EMAIL)[0])
    assert enter_code(first, second_code).status == 422, "codes of two registrations never mix"
    assert enter_code(second, second_code).path == ENROLLING
    late = enter_code(first, first_code)
    assert late.heading == "You already have an account"
    assert _accounts(ctx, EMAIL) == ["second.one"]


def test_an_account_made_by_an_operator_meanwhile_ends_the_registration(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    waiting = register(open_visitor(), f"{TAKEN}@example.org", username=DETAILS["username"])
    code = code_of(read_mail(f"{TAKEN}@example.org")[0])
    add_person(ctx, clock, TAKEN)
    page = enter_code(waiting, code)
    assert page.heading == "You already have an account"
    assert page.visitor.open(waiting.url).heading == "You already have an account"


def _rows(ctx: Context) -> list[int]:
    ctx.db.rollback()
    tables = (Registration, OutboxRow, OneTimeCode, Account)
    return [ctx.db.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def _accounts(ctx: Context, email: str) -> list[str]:
    ctx.db.rollback()
    return list(ctx.db.scalars(select(Account.username).where(Account.email == email)))


def test_RG_04_tags_and_dots_do_not_multiply_the_mails_to_one_mailbox(
    open_visitor: OpenVisitor, clock: FixedClock, read_mail: ReadMail
) -> None:
    addresses = [f"an.na+{number}@gmail.com" for number in range(7)]
    for address in addresses:
        waiting = register(open_visitor(), address)
        assert f"If {address} can be used here, we have sent a message." in waiting.text
        clock.advance(121)
    assert sum(len(read_mail(address)) for address in addresses) == 5
