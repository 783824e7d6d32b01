"""Two at once, on either database; and the whole way from an application and back to it."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask, request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.retrying import trying_again
from idp.people.accounts.model import Account, Registration
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.sessions import give_new_cookie
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.registering import (
    CONTACT,
    DETAILS,
    EMAIL,
    ENROLLING,
    PASSWORD,
    WAITING,
    code_of,
    enter_code,
    fill_contact,
    finish,
    link_of,
    register,
)
from tests.flows.signing_in import choose_app, is_signed_in, open_page
from tests.oidc import story
from tests.parts.application import ISSUER, on_both_databases
from tests.parts.authenticator import totp
from tests.parts.browserless import Answer, Visitor


@on_both_databases
def test_of_two_who_confirm_one_username_at_once_one_gets_it_and_one_chooses_another(
    open_visitor: OpenVisitor, ctx: Context, read_mail: ReadMail
) -> None:
    names = ("one@example.org", "two@example.org")
    pages = [register(open_visitor(), email) for email in names]
    codes = [code_of(read_mail(email)[0]) for email in names]
    answers = _at_once(enter_code, pages, codes)
    assert sorted(answer.path for answer in answers) == [ENROLLING, "/verify-email/username"]
    assert _usernames(ctx) == [DETAILS["username"]]


@on_both_databases
def test_RG_04_a_form_sent_twice_at_once_leaves_one_registration(
    visitor: Visitor, ctx: Context
) -> None:
    page = fill_contact(visitor)
    answers = _at_once(finish, [page, page], [PASSWORD, PASSWORD])
    assert {answer.heading for answer in answers} == {WAITING}
    ctx.db.rollback()
    assert len(ctx.db.scalars(select(Registration)).all()) == 1


@on_both_databases
def test_of_two_registrations_confirmed_at_once_for_one_address_one_becomes_its_account(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    pages, codes = [], []
    for username in ("first.one", "second.one"):
        pages.append(register(open_visitor(), username=username))
        codes.append(code_of(read_mail(EMAIL)[0]))
        clock.advance(30)
    answers = _at_once(enter_code, pages, codes)
    assert sorted(answer.path for answer in answers) == [ENROLLING, "/verify-email/registered"]
    assert len(_usernames(ctx)) == 1


@on_both_databases
def test_code_and_link_used_at_once_open_one_account(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    mail = read_mail(EMAIL)[0]
    phone = open_visitor().open(link_of(mail))
    uses: list[Callable[[], Answer]] = [
        lambda: enter_code(waiting, code_of(mail)),
        lambda: phone.submit({"password": PASSWORD}, button="Confirm"),
    ]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda use: use(), uses))
    assert sorted(answer.path == ENROLLING for answer in answers) == [False, True]
    assert len(_usernames(ctx)) == 1


@on_both_databases
def test_the_last_page_sent_twice_at_once_mails_one_working_code(
    visitor: Visitor, ctx: Context, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    password = visitor.open(waiting.url.replace("verify-email", "register/password"))
    _at_once(finish, [password, password], [PASSWORD, PASSWORD])
    mails = read_mail(EMAIL)
    assert len(mails) == 1
    assert enter_code(waiting, code_of(mails[0])).path == ENROLLING


def test_an_application_that_asks_for_a_new_account_gets_its_person_back(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    portal = story.register(ctx)
    page = open_page(visitor, f"/oidc/authorize?{urlencode(portal.request(prompt='create'))}")
    assert page.path == "/register"
    assert "You are on your way to A Portal" in page.text
    details = page.submit({"account_type": "individual"}, button="Continue")
    contact = details.submit(DETAILS, button="Continue")
    waiting = finish(contact.submit(CONTACT, button="Continue"))
    enrolling = choose_app(enter_code(waiting, code_of(read_mail(EMAIL)[0])))
    assert not is_signed_in(visitor)
    typed = {"code": totp(_secret_on(enrolling), clock.now()), "name": "Phone"}
    kept = enrolling.submit(typed, button="Continue")
    resumed = _sent_back(kept)
    told = parse_qs(urlsplit(resumed).query)
    assert resumed.startswith(story.CALLBACK)
    assert told["code"]
    assert told["iss"] == [ISSUER]
    assert is_signed_in(visitor)


def _at_once(
    use: Callable[[Answer, str], Answer], pages: list[Answer], values: list[str]
) -> list[Answer]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(use, pages, values))


def _usernames(ctx: Context) -> list[str]:
    ctx.db.rollback()
    return list(ctx.db.scalars(select(Account.username)))


def _secret_on(page: Answer) -> str:
    """Return the key that the page shows as text."""
    found = re.search(r"\b(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b", page.text)
    assert found, page.text
    return found.group().replace(" ", "")


def _sent_back(kept: Answer) -> str:
    """Type one recovery code back; return where the application's answer leads."""
    found = re.search(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b", kept.text)
    assert found, kept.text
    form = kept.form("I have kept my codes")
    sent = form.values() | {"code": found.group()}
    answer = kept.visitor.send("POST", f"{ISSUER}{form.action}", sent, follow=False)
    return kept.visitor.open(answer.location, follow=False).location


def test_F_03_a_use_case_that_runs_again_begins_with_the_cookie_that_the_browser_has(
    app: Flask,
) -> None:
    with app.test_request_context("/verify-email"):
        app.session_interface.open_session(app, request)
        ctx, secrets, browser = current_context(), list[str](), current_browser()

        def use_case() -> str:
            secrets.append(browser.secret)
            if len(secrets) == 1:
                give_new_cookie(ctx)
                raise IntegrityError("INSERT", None, Exception("taken meanwhile"))
            return "told that the name is taken"

        trying_again(ctx, use_case)
        assert secrets[0] == secrets[1] == browser.secret
