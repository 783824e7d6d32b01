"""A browser whose device keeps passkeys: Chromium's virtual authenticator, told over CDP."""

import json
from dataclasses import dataclass
from typing import Any, Self

from playwright.sync_api import CDPSession, Page, Route

from idp.foundation.language import translate
from tests.journeys import steps_provider as steps
from tests.journeys.steps import InBrowser
from tests.journeys.steps_provider import Person
from tests.parts.provider import Provider

_DEVICE = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Device:
    """What the person's phone or computer does when a page asks for a passkey."""

    session: CDPSession
    authenticator: dict[str, str]

    @classmethod
    def of(cls, page: Page) -> Self:
        """Give a browser's window a device that recognizes its owner."""
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        made = session.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})
        return cls(session, {"authenticatorId": made["authenticatorId"]})

    def recognizes(self, *, owner: bool) -> None:
        """Recognize whoever holds it from now on, or nobody."""
        self.session.send(
            "WebAuthn.setUserVerified", self.authenticator | {"isUserVerified": owner}
        )

    def passkey(self) -> dict[str, Any]:
        """Return the one passkey that it keeps, as it is now."""
        found = self.session.send("WebAuthn.getCredentials", self.authenticator)
        (kept,) = found["credentials"]
        return dict(kept)

    def restore(self, copied: dict[str, Any]) -> None:
        """Put an earlier copy of the passkey in the place of the present one."""
        named = {"credentialId": copied["credentialId"]}
        self.session.send("WebAuthn.removeCredential", self.authenticator | named)
        self.session.send("WebAuthn.addCredential", self.authenticator | {"credential": copied})


def enrol(walker: InBrowser, provider: Provider) -> tuple[Person, Device]:
    """Register, choose a passkey and keep the recovery codes; returns who is signed in then."""
    person, device, say = steps.newcomer(), Device.of(walker.page), walker.language
    walker.open(f"{provider.url}/register")
    steps.register(walker, person)
    steps.confirm_by_link(walker, provider, person)
    walker.follow(translate(say, "Set up a passkey"))
    walker.send({"name": "My laptop"}, translate(say, "Create the passkey"))
    assert walker.heading == translate(say, "Keep your recovery codes"), walker.text
    person.recovery_codes = walker.shown("recovery-codes")
    walker.send({"code": person.recovery_codes[0]}, translate(say, "I have kept my codes"))
    return person, device


def sign_in_alone(walker: InBrowser, provider: Provider) -> None:
    """Sign in with the passkey and nothing else."""
    walker.open(f"{provider.url}/sign-in")
    walker.send({}, translate(walker.language, "Use a passkey"))


def ask_without_recognizing(page: Page) -> None:
    """Change, as a false script would, what the browser is asked for: the owner's finger."""

    def changed(route: Route) -> None:
        answer = route.fetch()
        said = answer.json()
        said["options"]["userVerification"] = "discouraged"
        route.fulfill(response=answer, body=json.dumps(said))

    page.route("**/options", changed)
