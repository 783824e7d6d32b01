"""Somebody guesses a password; the account's owner unlocks it with a mailed code. Real SMTP."""

import re

import pytest

from tests.journeys import steps_provider as steps
from tests.journeys.steps import InBrowser
from tests.parts.chromium import Chromium
from tests.parts.fixtures import StartProvider
from tests.parts.provider import Provider
from tests.parts.smtp import SmtpSink

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

_WRONG = "not the password 9"
_FAILURES = 5
_PAUSED = "Signing in is paused"
_REFUSED = "That username or password is not right."


@pytest.fixture
def provider(start_provider: StartProvider, smtp: SmtpSink) -> Provider:
    """A provider that sends its mails to the sink."""
    return start_provider(extra={"IDP_SMTP_URL": smtp.url})


def test_five_wrong_passwords_lock_the_sixth_try_and_a_mailed_code_unlocks(
    citizen: InBrowser, chromium: Chromium, provider: Provider, smtp: SmtpSink
) -> None:
    owner = steps.seeded(provider, "rrecipient")
    guesser = InBrowser(chromium.person())
    guess(guesser, provider, owner.username)
    locked = enter(guesser, provider, owner.username, owner.password)
    assert locked.startswith(_PAUSED), "the right password is refused as well"
    guess(guesser, provider, "nobody.at.all")
    assert enter(guesser, provider, "nobody.at.all", _WRONG) == locked, "no name is betrayed"

    citizen.open(f"{provider.url}/sign-in")
    steps.enter_password(citizen, owner)
    assert citizen.heading == _PAUSED
    citizen.follow("Unlock with a code")
    citizen.send({"username": owner.email}, "Send a code")
    assert citizen.heading == "Check your email"
    assert owner.username not in citizen.page.locator("main").inner_text().replace(owner.email, "")
    mail = smtp.mail_to(owner.email)
    citizen.send({"code": steps.Mail(mail.subject, mail.text).code}, "Unlock")
    assert citizen.heading == "Your account is unlocked"
    citizen.follow("Sign in")
    steps.sign_in(citizen, provider, owner)
    assert citizen.heading == "Your account"
    told = smtp.wait_for(lambda mail: "unlocked" in mail.subject.lower())
    assert told[0].recipients == (owner.email,)


def test_the_mailed_link_unlocks_in_another_browser_by_its_button(
    citizen: InBrowser, chromium: Chromium, provider: Provider, smtp: SmtpSink
) -> None:
    owner = steps.seeded(provider, "gstaff")
    guess(citizen, provider, owner.username)
    citizen.open(f"{provider.url}/unlock")
    citizen.send({"username": owner.username}, "Send a code")
    mail = smtp.mail_to(owner.email)

    phone = InBrowser(chromium.person())
    phone.open(steps.Mail(mail.subject, mail.text).link)
    assert enter(citizen, provider, owner.username, owner.password).startswith(_PAUSED)
    phone.send({}, "Unlock")
    assert phone.heading == "Your account is unlocked"
    assert enter(citizen, provider, owner.username, owner.password).startswith("Enter the code")


def guess(walker: InBrowser, provider: Provider, username: str) -> None:
    """Type five wrong passwords; each answer is the same."""
    for _ in range(_FAILURES):
        assert _REFUSED in enter(walker, provider, username, _WRONG)


def enter(walker: InBrowser, provider: Provider, username: str, password: str) -> str:
    """Type a username and a password; return what the page then says, without the time."""
    walker.open(f"{provider.url}/sign-in")
    steps.enter_password(walker, steps.Person(username), password)
    said = " ".join(walker.page.locator("main").inner_text().split())
    return re.sub(r"\d{1,2}:\d\d", "…", said)
