"""Somebody forgot the password: real browser, real worker, real SMTP; keyboard, and no script."""

import pytest
from playwright.sync_api import expect

from idp.foundation.language import translate
from tests.journeys import steps_provider as steps
from tests.journeys.steps import InBrowser, Walker, WithoutScript
from tests.journeys.steps_keyboard import KeyboardOnly
from tests.journeys.steps_provider import Mail, Person
from tests.parts.chromium import Chromium
from tests.parts.fixtures import OpenBrowserless, StartProvider
from tests.parts.provider import Provider
from tests.parts.smtp import SmtpSink

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(400)]

_NEW = "Quiet mill-pond 42"


@pytest.fixture
def mailing(start_provider: StartProvider, smtp: SmtpSink) -> Provider:
    """A provider that sends its mails to the sink."""
    return start_provider(extra={"IDP_SMTP_URL": smtp.url})


def test_a_password_is_reset_by_the_keyboard_alone(
    chromium: Chromium, mailing: Provider, smtp: SmtpSink
) -> None:
    walker = KeyboardOnly(chromium.person())
    reset(walker, mailing, smtp, steps.seeded(mailing, "rrecipient"))
    assert walker.heading == "Your account"


def test_a_password_is_reset_in_spanish_without_a_script(
    browserless: OpenBrowserless, mailing: Provider, smtp: SmtpSink
) -> None:
    walker = WithoutScript(browserless(language="es"), "es")
    reset(walker, mailing, smtp, steps.seeded(mailing, "gstaff"))
    assert walker.heading == "Su cuenta"


def test_a_username_comes_by_mail(citizen: InBrowser, mailing: Provider, smtp: SmtpSink) -> None:
    owner = steps.seeded(mailing, "rrecipient")
    citizen.open(f"{mailing.url}/sign-in")
    citizen.follow("Forgot your username?")
    values = {"first_name": "Any", "last_name": "Name", "email": owner.email}
    citizen.send(values, "Search")
    assert citizen.heading == "Check your email"
    assert f"Your username is {owner.username}." in smtp.mail_to(owner.email).text


def test_the_list_of_rules_is_ticked_off_on_the_page_that_resets(
    citizen: InBrowser, mailing: Provider, smtp: SmtpSink
) -> None:
    prove(citizen, mailing, smtp, steps.seeded(mailing, "gstaff"))
    citizen.page.locator("[name=new_password]").fill("gstaff")
    rules = citizen.page.locator("[data-password-rules] [data-rule]")
    expect(rules.and_(citizen.page.locator("[data-rule=personal]"))).to_contain_text("not yet met")
    citizen.page.locator("[name=new_password]").fill(_NEW)
    citizen.page.locator("[name=confirm_password]").fill(_NEW)
    for place in range(rules.count()):
        expect(rules.nth(place)).not_to_contain_text("not yet met")


def prove(walker: Walker, provider: Provider, smtp: SmtpSink, owner: Person) -> None:
    """Go from the sign-in page to the one that asks for the new password."""
    say = walker.language
    walker.open(f"{provider.url}/sign-in")
    walker.follow(translate(say, "Forgot your password?"))
    walker.send({"username": owner.email}, translate(say, "Send a code"))
    mail = smtp.mail_to(owner.email)
    code = Mail(mail.subject, mail.text).code
    walker.send({"code": code}, translate(say, "Continue"))
    assert owner.app
    provider.move_clock(31)
    walker.send({"code": owner.app.code()}, translate(say, "Continue"))
    assert walker.heading == translate(say, "Choose a new password"), walker.text


def reset(walker: Walker, provider: Provider, smtp: SmtpSink, owner: Person) -> None:
    """Reset a password and sign in with the new one."""
    say = walker.language
    prove(walker, provider, smtp, owner)
    chosen = {"new_password": _NEW, "confirm_password": _NEW}
    walker.send(chosen, translate(say, "Set new password"))
    assert walker.heading == translate(say, "Your password was changed")
    owner.password = _NEW
    walker.follow(translate(say, "Sign in"))
    steps.sign_in(walker, provider, owner)
