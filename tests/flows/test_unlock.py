"""Unlocking a password by mail."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from flask import Flask

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import db
from idp.foundation.rate_limits.service import LimitName, hit
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.registering import register
from tests.flows.signing_in import (
    WRONG,
    Person,
    add_person,
    code_in,
    enter_password,
    fail_often,
    is_signed_in,
    link_in,
    open_page,
    set_state,
    try_password,
)
from tests.flows.test_sign_in import assert_same_answer
from tests.parts.application import ISSUER, on_both_databases
from tests.parts.browserless import Answer, Visitor

_NOT_ACCEPTED = "That code does not work."


def lock(visitor: Visitor, person: Person) -> Answer:
    """Lock a person's username; return the page that says so."""
    return fail_often(visitor, person.username, 6)


def ask(visitor: Visitor, typed: str) -> Answer:
    """Ask for an unlock code in a fresh tab."""
    return open_page(visitor, "/unlock").submit({"username": typed}, button="Send a code")


def test_the_mailed_code_unlocks_and_signs_nobody_in(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    page = lock(visitor, person).click("Unlock with a code")
    assert page.form("Send a code").values()["username"] == "rosario"
    asked = page.submit({"username": person.username}, button="Send a code")
    assert asked.heading == "Check your email"
    assert "If rosario can be used here, we have sent a message." in asked.text
    code = code_in(read_mail(person.email)[0])
    done = asked.submit({"code": code}, button="Unlock")
    assert done.heading == "Your account is unlocked"
    assert not is_signed_in(visitor)
    assert read_mail(person.email)[0].subject == "Your account is unlocked"
    back = done.click("Sign in")
    signed = back.submit({"username": person.username, "password": person.password})
    assert signed.path == "/sign-in/mfa"


def test_the_link_unlocks_in_another_browser(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    first = open_visitor()
    lock(first, person)
    ask(first, person.email)
    link = link_in(read_mail(person.email)[0])
    phone = open_visitor()
    page = phone.open(link)
    done = page.submit(button="Unlock")
    assert done.heading == "Your account is unlocked"
    assert not is_signed_in(phone)
    assert enter_password(first, person).path == "/sign-in/mfa"


def test_RC_06_the_token_leaves_the_address_at_once(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    lock(visitor, person)
    ask(visitor, person.username)
    link = link_in(read_mail(person.email)[0])
    token = urlsplit(link).query.removeprefix("token=")
    first = visitor.open(link, follow=False)
    assert first.status == 303
    assert token not in first.location
    page = visitor.open(link)
    assert token not in page.url
    assert token not in page.response.text
    assert page.response.headers["Referrer-Policy"] == "no-referrer"


def test_RG_11_looking_at_the_link_uses_nothing_up(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    visitor = open_visitor()
    lock(visitor, person)
    ask(visitor, person.username)
    link = link_in(read_mail(person.email)[0])
    for _ in range(3):
        scanner = open_visitor()
        scanner.open(link)
        scanner.client.head(link)
    assert "Too many tries" in enter_password(visitor, person).text
    assert open_visitor().open(link).submit(button="Unlock").status == 200


def test_RC_02_code_and_link_of_one_mail_work_once_together(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    visitor = open_visitor()
    lock(visitor, person)
    asked = ask(visitor, person.username)
    mail = read_mail(person.email)[0]
    opened = open_visitor().open(link_in(mail))
    assert asked.submit({"code": code_in(mail)}, button="Unlock").status == 200
    assert opened.submit(button="Unlock").heading == "That link does not work"
    assert open_visitor().open(link_in(mail)).status == 410
    again = visitor.send("POST", asked.url, {"code": code_in(mail)})
    assert again.status in {403, 410, 422}


def test_RC_02_only_the_newest_mail_of_a_tab_works(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    lock(visitor, person)
    asked = ask(visitor, person.username)
    older = read_mail(person.email)[0]
    clock.advance(30)
    asked = asked.submit(button="Send a new code")
    newer = read_mail(person.email)[0]
    assert newer.id != older.id
    refused = asked.submit({"code": code_in(older)}, button="Unlock")
    assert _NOT_ACCEPTED in refused.text
    assert visitor.open(link_in(older)).status == 410
    assert asked.submit({"code": code_in(newer)}, button="Unlock").status == 200


@on_both_databases
def test_RC_02_of_two_browsers_with_one_link_at_once_one_wins(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    visitor = open_visitor()
    lock(visitor, person)
    ask(visitor, person.username)
    link = link_in(read_mail(person.email)[0])
    pages = [open_visitor().open(link) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda page: page.submit(button="Unlock"), pages))
    assert sorted(answer.status for answer in answers) == [200, 410]


def test_RC_10_a_code_is_refused_after_ten_minutes_by_the_servers_clock(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    visitor = open_visitor()
    lock(visitor, person)
    asked = ask(visitor, person.username)
    mail = read_mail(person.email)[0]
    clock.advance(599)
    page = open_visitor().open(link_in(mail))
    assert page.heading == "Unlock your account"
    clock.advance(1)
    assert _NOT_ACCEPTED in asked.submit({"code": code_in(mail)}, button="Unlock").text
    assert page.submit(button="Unlock").status == 410


def test_five_wrong_codes_void_the_code_of_this_tab(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    lock(visitor, person)
    asked = ask(visitor, person.username)
    code = code_in(read_mail(person.email)[0])
    wrong = f"{(int(code) + 1) % 10**8:08}"
    for _ in range(5):
        asked = asked.submit({"code": wrong}, button="Unlock")
        assert _NOT_ACCEPTED in asked.text
    assert _NOT_ACCEPTED in asked.submit({"code": code}, button="Unlock").text


def test_a_code_of_another_tab_is_refused(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    visitor = open_visitor()
    lock(visitor, person)
    ask(visitor, person.username)
    code = code_in(read_mail(person.email)[0])
    other = ask(open_visitor(), person.username)
    assert _NOT_ACCEPTED in other.submit({"code": code}, button="Unlock").text


def test_RC_11_unknown_free_and_locked_names_get_the_same_pages(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person, free = add_person(ctx, clock), add_person(ctx, clock, "benito")
    lock(open_visitor(), person)
    locked_page = ask(open_visitor(), person.username)
    free_page = ask(open_visitor(), free.username)
    unknown_page = ask(open_visitor(), "nobody99")
    assert_same_answer(locked_page, unknown_page, "rosario", "nobody99")
    assert_same_answer(free_page, unknown_page, "benito", "nobody99")
    assert len(read_mail(person.email)) == 1
    assert read_mail(free.email) == []
    assert len(read_mail("")) == 1


@pytest.mark.parametrize("state", ["suspended", "archived", "closed"])
def test_an_account_that_may_not_sign_in_gets_no_code(
    state: str, visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    lock(visitor, person)
    set_state(ctx, person, state)
    assert ask(visitor, person.username).heading == "Check your email"
    assert read_mail(person.email) == []


def test_unlocking_clears_the_locks_of_every_name_of_the_person(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    visitor = open_visitor()
    fail_often(visitor, person.email, 6)
    fail_often(visitor, person.username, 6)
    asked = ask(visitor, person.email)
    asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Unlock")
    by_email = try_password(open_visitor(), person.email, person.password)
    by_name = try_password(open_visitor(), person.username, person.password)
    assert {by_email.path, by_name.path} == {"/sign-in/mfa"}


def test_a_lock_by_email_alone_is_ended_by_asking_for_the_username(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    fail_often(visitor, person.email, 6)
    asked = ask(visitor, person.username)
    asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Unlock")
    assert try_password(visitor, person.email, person.password).path == "/sign-in/mfa"


def test_unlocking_leaves_the_lock_of_the_second_factor(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    visitor = open_visitor()
    page = enter_password(visitor, person)
    for _ in range(10):
        page = page.submit({"code": "000000"}, button="Continue")
    lock(visitor, person)
    asked = ask(visitor, person.username)
    asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Unlock")
    assert enter_password(visitor, person).heading == "Too many wrong codes"


def test_RC_12_a_mailbox_gets_five_codes_in_an_hour_and_the_pages_stay_the_same(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    lock(open_visitor(), person)
    for _ in range(8):
        assert ask(open_visitor(), person.username).heading == "Check your email"
        clock.advance(121)
    assert len(read_mail(person.email)) == 5


def test_RC_12_asking_while_nothing_is_locked_uses_up_nobodys_mails(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    for _ in range(6):
        ask(open_visitor(), person.username)
    lock(open_visitor(), person)
    ask(open_visitor(), person.username)
    assert len(read_mail(person.email)) == 1


def test_a_tab_that_asks_again_too_early_is_told_how_long_to_wait(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    asked = ask(visitor, "nobody99")
    early = asked.submit(button="Send a new code")
    assert early.status == 422
    assert "Seconds left: 30." in early.text
    clock.advance(30)
    assert asked.submit(button="Send a new code").status == 200


def test_RC_01_the_link_is_the_issuers_whatever_host_a_request_names(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    lock(visitor, person)
    page = open_page(visitor, "/unlock")
    poison = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example",
    }
    sent = page.form("Send a code").values() | {"username": person.username}
    visitor.client.post(f"{ISSUER}/unlock", data=sent, headers=poison)
    mail = read_mail(person.email)[0]
    assert "evil.example" not in mail.text + mail.html
    assert link_in(mail).startswith(f"{ISSUER}/unlock/link?token=")
    refused = visitor.client.get(f"{ISSUER}/unlock", headers={"Host": "evil.example"})
    assert refused.status_code == 400


@pytest.mark.parametrize("path", ["/unlock/code", "/unlock/confirm", "/unlock/done"])
def test_a_later_step_cannot_be_reached_by_its_address(path: str, visitor: Visitor) -> None:
    assert open_page(visitor, path).status == 410
    tx = ask(visitor, "nobody99").query["tx"]
    reached = open_page(visitor, f"{path}?tx={tx}")
    assert reached.path in {"/unlock", "/unlock/code", "/unlock/confirm"}
    assert reached.heading != "Your account is unlocked"


def test_a_wrong_password_is_still_wrong_after_unlocking(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    lock(visitor, person)
    asked = ask(visitor, person.username)
    asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Unlock")
    assert try_password(visitor, person.username, WRONG).status == 422


def test_an_empty_form_says_what_to_enter(visitor: Visitor) -> None:
    page = open_page(visitor, "/unlock").submit({"username": " "}, button="Send a code")
    assert page.status == 422
    assert "Enter your username or email address." in page.text
    asked = ask(visitor, "nobody99")
    empty = asked.submit({"code": ""}, button="Unlock")
    assert empty.status == 422
    assert "Enter the code from the email." in empty.text


def test_RC_12_too_many_requests_of_one_address_are_told_to_wait(
    visitor: Visitor, app: Flask, parts: Parts
) -> None:
    page = open_page(visitor, "/unlock")
    with app.app_context():
        ctx = parts.context(db.session(), Origin(ip="127.0.0.1"))
        for _ in range(100):
            hit(ctx, LimitName.CODE_REQUEST_IP, "127.0.0.1")
    refused = page.submit({"username": "nobody99"}, button="Send a code")
    assert refused.status == 429
    assert refused.response.headers["Retry-After"] == "3600"


def test_a_tab_asks_for_another_name_at_once(visitor: Visitor) -> None:
    page = ask(visitor, "nobody99").click("Use another username or email address")
    again = page.submit({"username": "nobody98"}, button="Send a code")
    assert "If nobody98 can be used here" in again.text
    repeated = again.click("Use another username").submit({"username": "nobody98"})
    assert repeated.status == 422
    assert "Please wait" in repeated.text


def test_resending_before_asking_begins_at_the_first_step(visitor: Visitor) -> None:
    asked = ask(visitor, "nobody99")
    unlocking = visitor.open(f"{ISSUER}/unlock/link?token=x")
    tx = unlocking.link("Ask for a new code").partition("tx=")[2]
    sent = asked.form("Send a new code").values() | {"tx": tx}
    assert visitor.send("POST", f"{ISSUER}/unlock/resend", sent).path == "/unlock"


def test_RC_12_both_waiting_pages_tell_how_many_mails_are_sent(
    open_visitor: OpenVisitor,
) -> None:
    pages = [ask(open_visitor(), "nobody99"), register(open_visitor())]
    assert all("At most 5 messages an hour go to one address." in page.text for page in pages)
    spanish = [page.visitor.open(page.link("Español")) for page in pages]
    assert all("como máximo 5 mensajes por hora" in page.text for page in spanish)
