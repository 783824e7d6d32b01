"""Losing every second factor: a code, a day's wait, a link, a new factor."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts import service as accounts
from idp.people.lost_factors import service as lost_factors
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.signing_in import (
    WRONG,
    Person,
    add_person,
    code_in,
    enter_password,
    is_signed_in,
    link_in,
    open_page,
    sign_in,
)
from tests.parts.application import ISSUER, on_both_databases
from tests.parts.browserless import Answer, Visitor

SECOND = "backup@example.org"
DAY = timedelta(days=1).total_seconds()


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody with two addresses, whose phone is gone."""
    person = add_person(ctx, clock)
    with writing(ctx.db):
        account = accounts.get(ctx, person.id)
        assert account
        account.notification_email = SECOND
    return person


def ask(visitor: Visitor, person: Person, read_mail: ReadMail) -> Answer:
    """Begin the wait; return the page that says so."""
    page = enter_password(visitor, person).click("I have none of these")
    asked = page.submit(button="Send a code")
    code = code_in(read_mail(person.email)[0])
    return asked.submit({"code": code}, button="Begin the wait")


def link_to(mails: list[object], path: str) -> str:
    """Return the newest link of some mails that leads to a path."""
    for mail in mails:
        for word in mail.text.split():  # type: ignore[attr-defined]
            if word.startswith(f"{ISSUER}{path}"):
                return str(word)
    raise AssertionError(f"no mail leads to {path}")


def wait(clock: FixedClock, read_mail: ReadMail, person: Person) -> str:
    """Let the day go by; return the second link."""
    clock.advance(DAY)
    return link_to(read_mail(person.email), "/lost-factor/replace/link")


def enroll(page: Answer, person: Person, clock: FixedClock) -> Answer:
    """Set up a new app on the pages that follow, and keep its codes."""
    from tests.parts.authenticator import Authenticator  # noqa: PLC0415

    app_page = page.click("app")
    secret = "".join(next(app_page.document.all("code")).text.split())
    app = Authenticator(secret, clock.now)
    codes_page = app_page.submit({"code": app.code(), "name": "New phone"}, button="Continue")
    person.app = app
    shown = [one.text for one in codes_page.document.all("code")]
    return codes_page.submit({"code": shown[0].split()[0]})


def test_after_a_day_the_link_and_the_password_lead_to_a_new_factor(
    visitor: Visitor, open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    waiting = ask(visitor, person, read_mail)
    assert waiting.heading == "A new second factor: what comes next"
    assert not is_signed_in(visitor)
    for address in (person.email, SECOND):
        assert read_mail(address)[0].subject == "Your second factor is about to be replaced"
    link = wait(clock, read_mail, person)
    assert read_mail(SECOND)[0].subject == "Your second factor can now be replaced"
    elsewhere = open_visitor()
    page = elsewhere.open(link)
    assert "token" not in page.url
    enrolling = page.submit({"password": person.password}, button="End the old factors")
    assert enrolling.path == "/mfa/enroll"
