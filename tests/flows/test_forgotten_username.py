"""Mailing a forgotten username."""

import pytest
from flask import Flask
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import db
from idp.foundation.rate_limits.service import LimitName, hit
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.signing_in import add_person, fail_often, open_page, set_state, try_password
from tests.flows.test_sign_in import assert_same_answer
from tests.parts.browserless import Answer, Visitor

NAMES = {"first_name": "Rosa", "last_name": "Río"}
STRANGER = "nobody99@example.org"


def ask(visitor: Visitor, email: str, **names: str) -> Answer:
    """Ask for the username of an address in a fresh tab."""
    page = open_page(visitor, "/forgot-username")
    return page.submit(NAMES | {"email": email} | names)


def test_the_username_goes_to_the_mailbox_of_the_account(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    page = open_page(visitor, "/sign-in").click("Forgot your username?")
    asked = page.submit(NAMES | {"email": "Rosario@EXAMPLE.org "}, button="Search")
    assert asked.heading == "Check your email"
    assert "rosario" not in asked.text
    mail = read_mail(person.email)[0]
    assert mail.subject == "Your username"
    assert "Your username is rosario." in mail.text
    assert asked.click("Back to sign in").path == "/sign-in"


def test_the_pages_and_mails_speak_spanish(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    page = open_page(open_visitor("es"), "/forgot-username")
    assert page.heading == "¿Olvidó su nombre de usuario?"
    asked = page.submit(NAMES | {"email": STRANGER}, button="Buscar")
    assert asked.heading == "Revise su correo electrónico"
    assert read_mail(STRANGER)[0].subject == "No hay ninguna cuenta con este correo electrónico"


def test_a_mailbox_without_an_account_is_told_so_once_a_day(
    open_visitor: OpenVisitor, clock: FixedClock, read_mail: ReadMail
) -> None:
    for wait in (0, 3600, 82_769):
        clock.advance(wait)
        assert ask(open_visitor(), STRANGER).heading == "Check your email"
    (first,) = read_mail(STRANGER)
    assert first.subject == "There is no account for this email address"
    assert "It has no account here." in first.text
    clock.advance(31)
    ask(open_visitor(), STRANGER)
    assert read_mail(STRANGER)[0].id != first.id


def test_RC_11_addresses_with_and_without_an_account_get_the_same_pages_and_rows(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    for wait in (0, 30):  # the second time the stranger gets no mail, yet as much is written
        clock.advance(wait)
        unknown_page, unknown_rows = _asked(open_visitor(), ctx, STRANGER)
        known_page, known_rows = _asked(open_visitor(), ctx, person.email)
        assert_same_answer(known_page, unknown_page, person.email, STRANGER)
        assert known_rows == unknown_rows


@pytest.mark.parametrize("name", ["%", "_", "*", "' OR 1=1 --", "Nadie", "Río"])
def test_RC_13_names_decide_nothing_and_are_no_patterns(
    name: str, visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    assert ask(visitor, person.email, first_name=name, last_name=name).status == 200
    assert len(read_mail(person.email)) == 1


@pytest.mark.parametrize("email", ["%@example.org", "_@example.org", "*@example.org"])
def test_RC_13_an_address_is_no_pattern(
    email: str, visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    ask(visitor, email)
    assert read_mail(person.email) == []


def test_RC_13_only_the_living_account_of_an_address_is_named(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    set_state(ctx, person, "closed")
    ask(visitor, person.email)
    assert "rosario is" not in read_mail(person.email)[0].text
    assert read_mail(person.email)[0].subject == "There is no account for this email address"


def test_RC_11_an_archived_account_gets_its_way_back_with_the_same_page_and_rows(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    set_state(ctx, person, "archived")
    unknown_page, unknown_rows = _asked(open_visitor(), ctx, STRANGER)
    known_page, known_rows = _asked(open_visitor(), ctx, person.email)
    assert_same_answer(known_page, unknown_page, person.email, STRANGER)
    assert known_rows == unknown_rows
    for wait in (0, 3600):
        clock.advance(wait)
        ask(open_visitor(), person.email)
        assert [mail.subject for mail in read_mail(person.email)] == ["Bring your account back"]


def test_RC_12_a_mailbox_gets_five_mails_in_an_hour_and_the_pages_stay_the_same(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    for _ in range(8):
        assert ask(open_visitor(), person.email).heading == "Check your email"
        clock.advance(121)
    assert len(read_mail(person.email)) == 5


def test_RC_12_tags_and_dots_cause_no_more_mails(
    open_visitor: OpenVisitor, clock: FixedClock, read_mail: ReadMail
) -> None:
    for address in ("a.b@gmail.com", "ab+x@gmail.com", "ab@gmail.com"):
        ask(open_visitor(), address)
    assert sum(len(read_mail(one)) for one in ("a.b@gmail.com", "ab@gmail.com")) == 1


def test_LG_05_asking_for_a_username_uses_up_no_mail_that_unlocks(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    for _ in range(6):
        ask(open_visitor(), person.email)
        clock.advance(121)
    fail_often(open_visitor(), person.username, 6)
    open_page(open_visitor(), "/unlock").submit({"username": person.username})
    assert read_mail(person.email)[0].subject == "Your code to unlock your account"


def test_RC_12_too_many_requests_of_one_address_are_told_to_wait(
    visitor: Visitor, app: Flask, parts: Parts
) -> None:
    page = open_page(visitor, "/forgot-username")
    with app.app_context():
        ctx = parts.context(db.session(), Origin(ip="127.0.0.1"))
        for _ in range(100):
            hit(ctx, LimitName.CODE_REQUEST_IP, "127.0.0.1")
    refused = page.submit(NAMES | {"email": STRANGER})
    assert refused.status == 429


def test_what_is_missing_is_said_and_nothing_typed_is_lost(visitor: Visitor) -> None:
    page = open_page(visitor, "/forgot-username")
    refused = page.submit({"first_name": "Rosa", "last_name": " ", "email": "not an address"})
    assert refused.status == 422
    assert "Enter your last name." in refused.text
    assert "Enter an email address such as name@example.org." in refused.text
    kept = refused.form("Search").values()
    assert (kept["first_name"], kept["email"]) == ("Rosa", "not an address")


def test_a_later_step_cannot_be_reached_by_its_address(visitor: Visitor) -> None:
    assert open_page(visitor, "/forgot-username/sent").status == 410
    tx = try_password(visitor, "nobody99", "x").query.get("tx", "")
    locked = fail_often(visitor, "nobody99", 6).link("Back to sign in")
    tx = tx or locked.partition("tx=")[2]
    assert open_page(visitor, f"/forgot-username/sent?tx={tx}").path == "/forgot-username"


def _asked(visitor: Visitor, ctx: Context, email: str) -> tuple[Answer, list[int]]:
    """Return the page and how many rows of each kind asking wrote."""
    before = _rows(ctx)
    page = ask(visitor, email)
    return page, [after - was for after, was in zip(_rows(ctx), before, strict=True)]


def _rows(ctx: Context) -> list[int]:
    ctx.db.rollback()
    tables = ("outbox", "code_mail_count", "audit_event", "flow_transaction")
    return [ctx.db.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in tables]  # noqa: S608
