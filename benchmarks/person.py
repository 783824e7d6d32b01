"""A seeded person who signs in through the pages, and what her browser then holds."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from tests.parts.authenticator import Authenticator
from tests.parts.browserless import Answer, Visitor
from tests.parts.html import Form
from tests.parts.provider import Provider

PORTAL = "recipient"
CLIENT_ID = f"{PORTAL}-portal"
USERNAME = "rrecipient"
VERIFIER = secrets.token_urlsafe(48)


def authorization_query(provider: Provider, **more: str) -> str:
    """Return the query of an authorization request of the recipient portal (RFC 7636: S256)."""
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    return urlencode(
        {
            "client_id": CLIENT_ID,
            "redirect_uri": f"{provider.demo.portal_url(PORTAL)}/callback",
            "response_type": "code",
            "scope": "openid profile email",
            "state": "a-state",
            "nonce": "a-nonce",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **more,
        }
    )


class Person:
    """One seeded account at one provider, and the passwords of all."""

    def __init__(self, provider: Provider) -> None:
        """provider: running, with the demonstration's accounts."""
        self.provider = provider
        self.accounts = provider.accounts()
        secret = str(self.accounts[USERNAME]["totp_secret"])
        self.authenticator = Authenticator(secret, provider.now)

    def others(self) -> list[str]:
        """Return the usernames of everybody else."""
        return [name for name in self.accounts if name != USERNAME]

    def visitor(self) -> Visitor:
        """Return a fresh browser in which the portal answers without running."""
        return Visitor({self.provider.demo.portal_url(PORTAL): _answer_ok})

    def open_sign_in(self, visitor: Visitor) -> Answer:
        """Come from the portal to the sign-in page."""
        address = f"{self.provider.url}/oidc/authorize?{authorization_query(self.provider)}"
        return visitor.open(address)

    def give_password(self, page: Answer, username: str = USERNAME) -> Answer:
        """Type username and password and send them; ends at the question for the code."""
        form = _form_with(page, "current-password")
        names = _names(form)
        password = str(self.accounts[username]["password"])
        return page.submit({names["username"]: username, names["current-password"]: password})

    def cookie(self) -> str:
        """Sign in completely; returns the Cookie header of the signed-in browser."""
        visitor = self.visitor()
        asked = self.give_password(self.open_sign_in(visitor))
        names = _names(_form_with(asked, "one-time-code"))
        ended = asked.submit({names["one-time-code"]: self.authenticator.code()})
        if not ended.url.startswith(self.provider.demo.portal_url(PORTAL)):
            raise RuntimeError(f"the sign-in ended at {ended.url}: {ended.text[:400]}")
        cookies = [f"{cookie.name}={cookie.value}" for cookie in visitor.client.cookies.jar]
        visitor.close()
        return "; ".join(cookies)


def _form_with(page: Answer, purpose: str) -> Form:
    """Return the form that asks for something, named by its autofill token (WCAG 1.3.5)."""
    found = [form for form in page.forms if purpose in _names(form)]
    if not found:
        raise RuntimeError(f"{page.url} asks for no {purpose}: {page.text[:400]}")
    return found[0]


def _names(form: Form) -> dict[str, str]:
    return {
        token: field.get("name")
        for field in form.element.all("input")
        for token in field.get("autocomplete").split()
    }


def _answer_ok(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Stand in for the portal: the redirect has arrived, which is all that is measured."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"arrived"]
