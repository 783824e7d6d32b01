"""From the application to the sign-in pages and back, through the front door."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.cli.accounts import create_account
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.people.accounts.service import Account, Details
from tests.oidc import story
from tests.oidc.story import Application, answer_of, claims_of

PASSWORD = "Crimson-kettle-47-harbor"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass
class Person:
    """Somebody at a browser who knows a password and holds an authenticator app."""

    client: FlaskClient
    clock: FixedClock

    def sign_in(self, address: str) -> TestResponse:
        """Fill the two pages; return the answer after the second."""
        page = self.client.get(address)
        assert page.status_code == 200, page.text
        known = {"username": "rrecipient", "password": PASSWORD}
        second = self.client.post("/sign-in", data=_hidden(page) | known)
        assert second.status_code == 303, second.text
        page = self.client.get(second.headers["Location"])
        code = {"code": pyotp.TOTP(TOTP_SECRET).at(self.clock.now())}
        return self.client.post(
            urlsplit(second.headers["Location"]).path, data=_hidden(page) | code
        )

    def enter(self, application: Application, **changes: str | None) -> dict[str, str]:
        """Go to an application and sign in on the way; return what it is told."""
        asked = self.client.get("/oidc/authorize", query_string=application.request(**changes))
        done = self.sign_in(asked.headers["Location"])
        return answer_of(self.client.get(done.headers["Location"]))


@pytest.fixture
def rosa(ctx: Context, app: Flask, clock: FixedClock) -> Person:
    details = Details("individual", "rrecipient", "Rosa", "Recipient", "rosa@example.org")
    made = create_account(ctx, details, PASSWORD, TOTP_SECRET, verified=True)
    assert isinstance(made, Account), made
    return Person(app.test_client(), clock)


def test_a_person_signs_in_on_the_way_to_an_application(
    ctx: Context, rosa: Person, portal: Application, clock: FixedClock
) -> None:
    answered = rosa.enter(portal)
    assert answered["state"] == portal.request()["state"]
    tokens = portal.redeem(rosa.client, answered["code"]).get_json()
    claims = claims_of(rosa.client, tokens["id_token"], portal.client_id)
    assert claims["auth_time"] == int(clock.now().timestamp())
    assert claims["acr"] == "urn:ncid:acr:aal2"
    # The next application opens without any page.
    second = story.register(ctx, "second")
    silent = rosa.client.get("/oidc/authorize", query_string=second.request())
    assert "code" in answer_of(silent)


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "60"}, {"max_age": "0"}])
def test_AZ_22_signing_in_anew_makes_auth_time_new(
    rosa: Person, portal: Application, clock: FixedClock, changes: dict[str, str]
) -> None:
    rosa.enter(portal)
    clock.advance(61)
    code = rosa.enter(portal, **changes)["code"]
    tokens = portal.redeem(rosa.client, code).get_json()
    claims = claims_of(rosa.client, tokens["id_token"], portal.client_id)
    assert claims["auth_time"] == int(clock.now().timestamp())


def test_AZ_22_going_round_the_sign_in_page_gives_no_code(
    rosa: Person, portal: Application, clock: FixedClock
) -> None:
    rosa.enter(portal)
    clock.advance(1)
    asked = rosa.client.get("/oidc/authorize", query_string=portal.request(prompt="login"))
    handle = parse_qs(urlsplit(asked.headers["Location"]).query)["tx"][0]
    round_about = rosa.client.get(f"/oidc/authorize/resume?tx={handle}")
    assert round_about.headers["Location"].startswith("/sign-in?tx=")


def test_a_finished_way_cannot_be_walked_again(
    rosa: Person, portal: Application, clock: FixedClock
) -> None:
    asked = rosa.client.get("/oidc/authorize", query_string=portal.request())
    done = rosa.sign_in(asked.headers["Location"])
    assert "code" in answer_of(rosa.client.get(done.headers["Location"]))
    assert rosa.client.get(done.headers["Location"]).status_code == 410


def test_a_way_finished_too_late_begins_again(
    rosa: Person, portal: Application, clock: FixedClock
) -> None:
    asked = rosa.client.get("/oidc/authorize", query_string=portal.request())
    done = rosa.sign_in(asked.headers["Location"])
    clock.advance(899)
    rosa.client.post("/sign-out", data=_hidden(rosa.client.get("/sign-out")))
    again = rosa.client.get(done.headers["Location"])
    assert again.status_code in {303, 410}
    assert "callback" not in again.headers.get("Location", "")


def test_a_level_that_cannot_be_reached_is_said_to_the_application(
    ctx: Context, rosa: Person
) -> None:
    strict = story.register(ctx, "strict", default_acr_values=["urn:ncid:acr:aal2-phr"])
    assert rosa.enter(strict)["error"] == "unmet_authentication_requirements"


def test_a_wish_for_a_level_is_worth_one_sign_in(rosa: Person, portal: Application) -> None:
    rosa.enter(portal)
    rosa.clock.advance(30)
    answered = rosa.enter(portal, acr_values="urn:ncid:acr:aal2-phr unknown")
    assert "code" in answered


def test_a_person_who_wants_an_account_is_led_to_registration(
    rosa: Person, portal: Application
) -> None:
    asked = rosa.client.get("/oidc/authorize", query_string=portal.request(prompt="create"))
    assert asked.headers["Location"].startswith("/register?tx=")
    assert rosa.client.get(asked.headers["Location"]).status_code in {200, 303}


def _hidden(page: TestResponse) -> dict[str, str]:
    fields = re.findall(r'<input[^>]*type="hidden"[^>]*>', page.text)
    found = {}
    for field in fields:
        name, value = re.search(r'name="([^"]+)"', field), re.search(r'value="([^"]*)"', field)
        if name and value:
            found[name[1]] = value[1]
    return found
