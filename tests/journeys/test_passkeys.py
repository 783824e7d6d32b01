"""Passkeys in a real browser with a virtual device: the ways in, and what does not get in."""

from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Request

from tests.journeys import steps_passkeys as passkeys
from tests.journeys import steps_provider as steps
from tests.journeys.steps import InBrowser
from tests.journeys.steps_keyboard import KeyboardOnly
from tests.parts.authenticator import Authenticator
from tests.parts.chromium import Chromium
from tests.parts.provider import Provider

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

_REFUSED = "That passkey did not sign you in."
# What false scripts could do instead of the page's own.
_ASK = """async () => {
  const form = document.querySelector("[data-passkey]");
  const body = new URLSearchParams(new FormData(form));
  return (await fetch(`${form.action}/options`, { method: "POST", body })).json();
}"""
_ANSWER = """async (options) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return JSON.stringify(await navigator.credentials.get({ publicKey }));
}"""
_SEND = """(credential) => {
  const form = document.querySelector("[data-passkey]");
  form.elements.credential.value = credential;
  form.submit();
}"""


def test_a_citizen_makes_a_passkey_and_signs_in_with_it_in_both_ways(
    citizen: InBrowser, provider: Provider
) -> None:
    person, _ = passkeys.enrol(citizen, provider)
    assert "With a passkey, which no false page can ask for." in citizen.text
    steps.sign_out(citizen, provider)

    citizen.open(f"{provider.url}/sign-in")
    steps.enter_password(citizen, person)
    assert citizen.heading == "Use your passkey"
    citizen.send({}, "Use your passkey")
    assert citizen.heading == "Your account"
    steps.sign_out(citizen, provider)

    passkeys.sign_in_alone(citizen, provider)
    assert citizen.heading == "Your account"
    citizen.open(f"{provider.url}/account/security")
    assert "My laptop" in citizen.text


def test_everything_works_by_the_keyboard_alone(chromium: Chromium, provider: Provider) -> None:
    walker = KeyboardOnly(chromium.person())
    passkeys.enrol(walker, provider)
    walker.open(f"{provider.url}/account/security")
    walker.follow("Change or remove My laptop")
    walker.send({}, "Save the name")
    assert "The name was changed." in walker.text
    walker.follow("Sign out")
    walker.send({}, "Sign out")
    passkeys.sign_in_alone(walker, provider)
    assert walker.heading == "Your account"


def test_a_second_passkey_on_the_same_device_is_not_made(
    citizen: InBrowser, provider: Provider
) -> None:
    passkeys.enrol(citizen, provider)
    citizen.open(f"{provider.url}/account/security/passkey")
    citizen.page.get_by_role("button", name="Create the passkey").click()
    status = citizen.page.locator(".passkey__status")
    status.filter(has_text="This device already has a passkey").wait_for()


def test_a_device_that_does_not_recognize_its_owner_signs_nobody_in(
    citizen: InBrowser, provider: Provider
) -> None:
    _, device = passkeys.enrol(citizen, provider)
    steps.sign_out(citizen, provider)
    device.recognizes(owner=False)
    citizen.open(f"{provider.url}/sign-in")
    citizen.page.get_by_role("button", name="Use a passkey").click()
    said = citizen.page.locator(".passkey__status").filter(has_text="No passkey was used.")
    said.wait_for()
    passkeys.ask_without_recognizing(citizen.page)
    citizen.send({}, "Use a passkey")
    assert _REFUSED in citizen.text, "the server asks for the owner, whatever the page asks for"
    citizen.page.unroute_all()
    device.recognizes(owner=True)
    citizen.send({}, "Use a passkey")
    assert citizen.heading == "Your account"


def test_an_answer_that_was_given_before_is_refused(citizen: InBrowser, provider: Provider) -> None:
    passkeys.enrol(citizen, provider)
    steps.sign_out(citizen, provider)
    sent: list[str] = []
    citizen.page.on("request", lambda one: sent.extend(credential_of(one)))
    passkeys.sign_in_alone(citizen, provider)
    assert citizen.heading == "Your account"
    steps.sign_out(citizen, provider)

    citizen.open(f"{provider.url}/sign-in")
    post_instead(citizen, sent[0])
    assert _REFUSED in citizen.text, "an answer works once"


def test_an_answer_given_to_another_site_is_refused(citizen: InBrowser, provider: Provider) -> None:
    """The portal stands at another port: the same host, so that its pages get an answer at all."""
    passkeys.enrol(citizen, provider)
    steps.sign_out(citizen, provider)
    citizen.open(f"{provider.url}/sign-in")
    asked = citizen.page.evaluate(_ASK)
    citizen.open(f"{provider.demo.portal_url('recipient')}/")
    answer = citizen.page.evaluate(_ANSWER, asked["options"])
    citizen.open(f"{provider.url}/sign-in/passkey?tx={asked['tx']}")
    with citizen.page.expect_navigation():
        citizen.page.evaluate(_SEND, answer)
    assert _REFUSED in citizen.text


def credential_of(request: Request) -> list[str]:
    """Return the passkey's answer that a request carries."""
    is_sent = request.method == "POST" and request.url.endswith("/sign-in/passkey")
    return parse_qs(request.post_data or "").get("credential", []) if is_sent else []


def post_instead(walker: InBrowser, credential: str) -> None:
    """Send the page's form with an answer of one's own to a challenge that was made for it."""
    asked = walker.page.evaluate(_ASK)
    walker.open(f"{walker.url}/passkey?tx={asked['tx']}")
    with walker.page.expect_navigation():
        walker.page.evaluate(_SEND, credential)


def test_a_copy_of_a_passkey_stops_it(citizen: InBrowser, provider: Provider) -> None:
    person, device = passkeys.enrol(citizen, provider)
    steps.sign_out(citizen, provider)
    copied = device.passkey()
    for _ in range(2):
        passkeys.sign_in_alone(citizen, provider)
        assert citizen.heading == "Your account"
        steps.sign_out(citizen, provider)
    device.restore(copied)
    passkeys.sign_in_alone(citizen, provider)
    assert _REFUSED in citizen.text
    citizen.send({}, "Use a passkey")
    assert _REFUSED in citizen.text, "turned off for the owner as well: nobody knows who is who"
    mail = steps.open_mail(
        citizen.tab(), provider, person, subject="One of your passkeys was turned off"
    )
    assert "My laptop" in mail.text


def test_a_removed_passkey_is_refused(citizen: InBrowser, provider: Provider) -> None:
    person, _ = passkeys.enrol(citizen, provider)
    citizen.open(f"{provider.url}/account/security/app")
    person.app = Authenticator(citizen.shown("app-key")[0], provider.now)
    citizen.send({"code": person.app.code()}, "Continue")
    citizen.follow("Change or remove My laptop")
    citizen.send({}, "Remove it")
    assert "It was removed and no longer signs you in." in citizen.text
    steps.sign_out(citizen, provider)
    passkeys.sign_in_alone(citizen, provider)
    assert _REFUSED in citizen.text
    citizen.follow("Sign in with your password instead")
    steps.sign_in(citizen, provider, person)
    assert citizen.heading == "Your account"
