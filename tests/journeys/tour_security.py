"""Every page of what people sign in with: passkeys, apps, recovery codes."""

from idp.foundation.language import translate
from tests.journeys import steps_passkeys as passkeys
from tests.journeys import steps_provider as steps
from tests.journeys.looking import Looker
from tests.journeys.steps_provider import Person, enter_password
from tests.parts.authenticator import Authenticator
from tests.parts.chromium import Chromium
from tests.parts.provider import Provider


def walk(looker: Looker, chromium: Chromium, provider: Provider) -> None:
    """Look at them all, as somebody of one's own who registers with a passkey."""
    with looker.at(chromium.person(language=looker.language)) as walker:
        person, device = passkeys.enrol(walker, provider)
        manage(looker, provider, person)
        sign_in(looker, provider, person, device)


def manage(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at what one signs in with, add to it, rename, and make new codes."""
    say, walker, security = looker.language, looker.walker, f"{provider.url}/account/security"
    looker.open(security, "security-passkey-alone")
    walker.follow(translate(say, "Change or remove"))
    looker.look("security-last-factor")
    looker.open(f"{security}/passkey", "security-add-passkey")
    looker.open(f"{security}/app", "security-add-app")
    walker.send({"code": "000000"}, translate(say, "Continue"))
    looker.look("security-add-app-errors")
    person.app = Authenticator(walker.shown("app-key")[0], provider.now)
    walker.send({"code": person.app.code(), "name": "Teléfono"}, translate(say, "Continue"))
    looker.look("security-app-added")
    walker.follow(translate(say, "Change or remove"))
    looker.look("security-factor")
    walker.send({"name": ""}, translate(say, "Save the name"))
    looker.look("security-factor-errors")
    looker.open(f"{security}/recovery-codes", "security-new-codes")
    walker.send({"code": "x"}, translate(say, "I have kept my codes"))
    looker.look("security-new-codes-errors")
    steps.sign_out(walker, provider)


def sign_in(looker: Looker, provider: Provider, person: Person, device: passkeys.Device) -> None:
    """Look at the ways in: beside the password, alone, and what is said when it does not work."""
    say, walker = looker.language, looker.walker
    walker.open(f"{provider.url}/sign-in")
    enter_password(walker, person)
    looker.look("mfa-app-or-passkey")
    walker.follow(translate(say, "Use a recovery code instead"))
    walker.follow(translate(say, "Use your passkey instead"))
    looker.look("mfa-passkey")
    passkeys.ask_without_recognizing(walker.page)
    device.recognizes(owner=False)
    walker.send({}, translate(say, "Use your passkey"))
    looker.look("mfa-passkey-errors")
    looker.open(f"{provider.url}/sign-in/passkey", "sign-in-passkey")
    walker.send({}, translate(say, "Use a passkey"))
    looker.look("sign-in-passkey-errors")
    walker.page.unroute_all()
    device.recognizes(owner=True)
    walker.send({}, translate(say, "Use a passkey"))
    looker.look("signed-in-by-passkey")
