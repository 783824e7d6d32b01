"""Closing an account: asked for, kept after all, or a tombstone after a day."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import Base, writing
from idp.people.accounts import lifecycle, tombstone
from idp.people.accounts import service as accounts
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.losing import (
    DAY,
    SECOND,
    account_of,
    add_place,
    change,
    give_role,
    link_to,
    not_me,
    recorded,
)
from tests.flows.registering import EMAIL, code_of, enter_code, register
from tests.flows.signing_in import (
    Person,
    add_person,
    is_signed_in,
    open_page,
    sign_in,
    try_password,
)
from tests.flows.test_sign_in import assert_same_answer
from tests.oidc import story
from tests.parts.application import ISSUER, on_both_databases
from tests.parts.browserless import Answer, Visitor

KEEP = "/keep-account/link"
_ABOUT_TO = "Your account is about to be closed"


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody with two addresses and data that must be gone in the end."""
    person = add_person(ctx, clock)
    change(
        ctx,
        person,
        notification_email=SECOND,
        mobile_number="+19195550123",
        address={"locality": "Raleigh"},
    )
    return person


def close(visitor: Visitor, person: Person) -> Answer:
    """Sign in and ask to close the account; return the page that follows."""
    sign_in(visitor, person)
    page = open_page(visitor, "/account/close")
    return page.submit({"username": person.username}, button="Close my account")


def test_closing_signs_out_everywhere_and_tells_both_addresses(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    phone = open_visitor()
    sign_in(phone, person)
    clock.advance(30)
    page = close(visitor, person)
    assert page.heading == _ABOUT_TO
    assert not is_signed_in(visitor)
    assert not is_signed_in(phone)
    for address in (person.email, SECOND):
        mail = read_mail(address)[0]
        assert mail.subject == _ABOUT_TO
        assert KEEP in mail.text
    assert account_of(ctx, person).grants_end_before == clock.now()
    assert recorded(ctx, "account.") == ["account.closing_asked"]


def test_the_page_says_what_will_happen_in_both_languages(visitor: Visitor, person: Person) -> None:
    sign_in(visitor, person)
    page = open_page(visitor, "/account").click("Close account")
    assert "for 24 hours you can keep it after all" in page.text
    spanish = page.click("Español")
    assert spanish.heading == "Cerrar su cuenta"
    assert "durante 24 horas puede conservarla" in spanish.text


@pytest.mark.parametrize("typed", ["", "rosari", "rosario2", "rosario@example.org"])
def test_another_name_closes_nothing(
    visitor: Visitor, ctx: Context, person: Person, typed: str
) -> None:
    sign_in(visitor, person)
    page = open_page(visitor, "/account/close")
    refused = page.submit({"username": typed}, button="Close my account")
    assert refused.status == 422
    assert refused.form("Close my account").values()["username"] == typed
    assert account_of(ctx, person).closes_at is None
    assert is_signed_in(visitor)


def test_the_name_is_compared_as_names_are(visitor: Visitor, ctx: Context, person: Person) -> None:
    sign_in(visitor, person)
    page = open_page(visitor, "/account/close")
    page.submit({"username": "  ROSARIO "}, button="Close my account")
    assert account_of(ctx, person).closes_at is not None


def test_MF_10_closing_asks_for_a_factor_shown_lately(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock
) -> None:
    sign_in(visitor, person)
    page = open_page(visitor, "/account/close")
    for _ in range(2):
        clock.advance(600)
        open_page(visitor, "/account")
    asked = page.submit({"username": person.username}, button="Close my account")
    assert asked.heading == "Confirm that it is you"
    assert account_of(ctx, person).closes_at is None


def test_signing_in_meanwhile_offers_only_to_keep_it_or_to_sign_out(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    close(visitor, person)
    clock.advance(30)
    page = sign_in(visitor, person)
    assert (page.path, page.heading) == ("/account/closing", _ABOUT_TO)
    for path in ("/account", "/account/security", "/account/close", "/account/applications"):
        assert open_page(visitor, path).path == "/account/closing", path
    assert page.click("Sign out").path == "/sign-out"
    kept = page.submit(button="Keep my account")
    assert kept.path == "/account/security"
    assert "Your account stays. If it was not you, change your password." in kept.text
    assert account_of(ctx, person).closes_at is None
    for address in (person.email, SECOND):
        assert read_mail(address)[0].subject == "Your account stays"
    clock.advance(DAY)
    read_mail(person.email)
    assert account_of(ctx, person).state == "active"
    assert recorded(ctx, "account.") == ["account.closing_asked", "account.kept"]


def test_the_link_keeps_it_from_any_browser_and_looking_uses_nothing_up(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    close(visitor, person)
    link = link_to(read_mail(SECOND), KEEP)
    token = link.partition("token=")[2]
    for _ in range(2):
        scanner = open_visitor()
        scanner.client.head(link)
        page = scanner.open(link)
        assert page.heading == "Keep your account?"
        assert token not in page.url + page.response.text
    assert account_of(ctx, person).closes_at is not None
    done = open_visitor().open(link).submit(button="Keep my account")
    assert done.heading == "Your account stays"
    assert account_of(ctx, person).closes_at is None
    assert open_visitor().open(link).status == 410
    assert sign_in(visitor, person).path in {"/account", "/sign-in/mfa"}


def test_this_was_not_me_keeps_the_account(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    close(visitor, person)
    page = open_visitor().open(not_me(ctx, person, read_mail))
    assert page.submit(button="It was not me").heading == "Your account is protected"
    account = account_of(ctx, person)
    assert (account.closes_at, account.freeze_reason) == (None, "disavowed")
    assert open_visitor().open(link_to(read_mail(person.email), KEEP)).status == 410


def test_no_application_gets_a_code_meanwhile(
    visitor: Visitor, app: Flask, ctx: Context, person: Person, clock: FixedClock
) -> None:
    application = story.register(ctx)
    close(visitor, person)
    clock.advance(30)
    sign_in(visitor, person)
    address = f"{ISSUER}/oidc/authorize"
    silent = visitor.client.get(
        address, params=application.request(prompt="none"), follow_redirects=False
    )
    assert "error=interaction_required" in silent.headers["Location"]
    asked = visitor.client.get(address, params=application.request(), follow_redirects=False)
    page = visitor.open(f"{ISSUER}{asked.headers['Location'].removeprefix(ISSUER)}")
    assert (page.path, page.heading) == ("/account/closing", _ABOUT_TO)
    form = page.form("Keep my account")
    sent = visitor.send("POST", f"{ISSUER}{form.action}", form.values(), follow=False)
    assert sent.location.startswith(f"{ISSUER}/oidc/authorize/resume?tx=")
    last = visitor.open(sent.location, follow=False)
    assert "code=" in last.location or "/oidc/consent" in last.location


def test_after_a_day_nothing_is_left_but_sub_and_username(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    give_role(ctx, person, add_place(ctx), "agency_desk")
    sub = account_of(ctx, person).sub
    close(visitor, person)
    link = link_to(read_mail(person.email), KEEP)
    clock.advance(DAY)
    for address in (person.email, SECOND):
        assert read_mail(address)[0].subject == "Your account is closed"
    account = account_of(ctx, person)
    assert (account.state, account.sub, account.username_key) == ("closed", sub, "rosario")
    left = {name for name in tombstone._NO_TEXT if getattr(account, name)}
    assert not left | {name for name in tombstone._NO_VALUE if getattr(account, name) is not None}
    rows = {name: _rows_of(ctx, name, person) for name in tombstone.REMOVED}
    assert not any(rows.values()), rows
    assert not ctx.db.scalar(text("SELECT count(*) FROM role_assignment WHERE ended_at IS NULL"))
    assert recorded(ctx, "account.") == ["account.closing_asked", "account.closed"]
    assert open_visitor().open(link).status == 410
    unknown = try_password(open_visitor(), "nobody99", person.password)
    assert_same_answer(
        try_password(open_visitor(), "rosario", person.password), unknown, "rosario", "nobody99"
    )


def test_the_address_is_free_again_and_the_username_never(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    person = add_person(ctx, clock, "maria.rivera")
    change(ctx, person, email=EMAIL, email_key=EMAIL)
    person.email = EMAIL
    close(visitor, person)
    clock.advance(DAY)
    read_mail(EMAIL)
    waiting = register(open_visitor())
    page = enter_code(waiting, code_of(read_mail(EMAIL)[0]))
    assert page.path == "/verify-email/username"
    assert accounts.living_by_email(ctx, EMAIL) is None


@pytest.mark.parametrize("seconds", [0, DAY - 1])
def test_before_the_day_is_over_nothing_is_removed(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail,
    seconds: int,
) -> None:  # fmt: skip
    close(visitor, person)
    clock.advance(seconds)
    read_mail(person.email)
    account = account_of(ctx, person)
    assert (account.state, account.first_name) == ("active", "Rosa")


@pytest.mark.parametrize("role", ["delegated_administrator"])
def test_who_holds_a_role_alone_hands_it_over_first(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, role: str
) -> None:
    place, other = add_place(ctx), add_person(ctx, clock, "somebody")
    give_role(ctx, person, place, role)
    sign_in(visitor, person)
    page = open_page(visitor, "/account/close")
    assert "Hand over first" in page.text
    assert place.name in page.text
    proof = open_page(visitor, "/sign-out").forms[0].values()["csrf_token"]
    sent = {"csrf_token": proof, "username": person.username}
    refused = visitor.send("POST", f"{ISSUER}/account/close", sent)
    assert refused.status == 422
    assert account_of(ctx, person).closes_at is None
    give_role(ctx, other, place, role)
    page = open_page(visitor, "/account/close")
    page.submit({"username": person.username}, button="Close my account")
    assert account_of(ctx, person).closes_at is not None


@on_both_databases
def test_of_two_who_hold_a_role_together_and_leave_at_once_one_stays(
    open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock
) -> None:
    place, other = add_place(ctx), add_person(ctx, clock, "somebody")
    pages = []
    for each in (person, other):
        give_role(ctx, each, place, "delegated_administrator")
    for each in (person, other):
        visitor = open_visitor()
        sign_in(visitor, each)
        pages.append((open_page(visitor, "/account/close"), each.username))
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda pair: pair[0].submit({"username": pair[1]}, button="Close my account"),
                pages,
            )
        )
    assert sorted(answer.status for answer in answers) == [200, 422]


@on_both_databases
def test_RC_02_of_two_keepings_at_once_one_wins(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    close(visitor, person)
    pages = [open_visitor().open(link_to(read_mail(person.email), KEEP)) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda page: page.submit(button="Keep my account"), pages))
    assert sorted(answer.status for answer in answers) == [200, 410]
    clock.advance(DAY)
    with writing(ctx.db):
        assert lifecycle.close_due(ctx) == 0
    assert account_of(ctx, person).state == "active"


@on_both_databases
def test_what_two_workers_close_is_closed_once(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    close(visitor, person)
    clock.advance(DAY)
    for expected in (1, 0):
        with writing(ctx.db):
            assert lifecycle.close_due(ctx) == expected
    assert recorded(ctx, "account.closed") == ["account.closed"]


def test_the_tombstone_knows_every_table_that_belongs_to_an_account(app: Flask) -> None:
    owned = {
        table.name
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "account"
    }
    assert owned == tombstone.REMOVED | tombstone.KEPT


def _rows_of(ctx: Context, table: str, person: Person) -> int:
    query = text(f"SELECT count(*) FROM {table} WHERE account_id = :id")  # noqa: S608 - ours
    return int(ctx.db.scalar(query, {"id": person.id}) or 0)
