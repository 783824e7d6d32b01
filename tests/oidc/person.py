"""A person who goes through the provider's pages with an ordinary browser."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.cli.accounts import create_account
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.people.accounts.service import Account, Details
from tests.oidc.story import Application, answer_of

PASSWORD = "Crimson-kettle-47-harbor"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass
class Person:
    """Somebody at a browser who knows a password and holds an authenticator app."""

    client: FlaskClient
    clock: FixedClock
    account: Account
    username: str = "rrecipient"

    def sign_in(self, address: str) -> TestResponse:
        """Fill the two pages; return the answer after the second."""
        page = self.client.get(address)
        assert page.status_code == 200, page.text
        known = {"username": self.username, "password": PASSWORD}
        second = self.client.post("/sign-in", data=hidden(page) | known)
        assert second.status_code == 303, second.text
        page = self.client.get(second.headers["Location"])
        code = {"code": pyotp.TOTP(TOTP_SECRET).at(self.clock.now())}
        return self.client.post(urlsplit(second.headers["Location"]).path, data=hidden(page) | code)

    def ask(self, application: Application, **changes: str | None) -> TestResponse:
        """Go to an application that sends the person here; return our first answer."""
        return self.client.get("/oidc/authorize", query_string=application.request(**changes))

    def enter(self, application: Application, **changes: str | None) -> dict[str, str]:
        """Go to an application and sign in on the way; return what it is told."""
        done = self.sign_in(self.ask(application, **changes).headers["Location"])
        return answer_of(self.client.get(done.headers["Location"]))


def make(ctx: Context, app: Flask, clock: FixedClock, username: str = "rrecipient") -> Person:
    """Create a person with a password and an app, at a browser of their own."""
    details = Details("individual", username, "Rosa", "Recipient", f"{username}@example.org")
    made = create_account(ctx, details, PASSWORD, TOTP_SECRET, verified=True)
    assert isinstance(made, Account), made
    return Person(app.test_client(), clock, made, username)


def handle_of(response: TestResponse) -> str:
    """The handle of the way that a redirect leads on."""
    return parse_qs(urlsplit(response.headers["Location"]).query)["tx"][0]


def leads_to(response: TestResponse, path: str) -> bool:
    """Whether a redirect leads to a page of the provider."""
    return response.status_code == 303 and response.headers["Location"].startswith(f"{path}?tx=")


def press(client: FlaskClient, response: TestResponse, name: str, value: str) -> TestResponse:
    """Open the page that a redirect leads to and press one of its buttons."""
    page = client.get(response.headers["Location"])
    assert page.status_code == 200, page.text
    assert f'name="{name}" value="{value}"' in page.text
    path = urlsplit(response.headers["Location"]).path
    return client.post(path, data=hidden(page) | {name: value})


def hidden(page: TestResponse) -> dict[str, str]:
    """The hidden fields of a page."""
    fields = re.findall(r'<input[^>]*type="hidden"[^>]*>', page.text)
    found = {}
    for field in fields:
        name, value = re.search(r'name="([^"]+)"', field), re.search(r'value="([^"]*)"', field)
        if name and value:
            found[name[1]] = value[1]
    return found
