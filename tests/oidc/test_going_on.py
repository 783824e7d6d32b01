"""An application's request after a pause: the password alone, when nothing more is asked for."""

import pytest
from werkzeug.test import TestResponse

from idp.foundation.clock import FixedClock
from tests.oidc.person import PASSWORD, Person, hidden
from tests.oidc.story import Application, answer_of, claims_of

PAUSE = 900


def arrive(rosa: Person, portal: Application, **changes: str) -> str:
    """Send a request of the application; return the page that the person meets."""
    asked = rosa.client.get("/oidc/authorize", query_string=portal.request(**changes))
    page = rosa.client.get(asked.headers["Location"])
    return page.headers.get("Location") or asked.headers["Location"]


def go_on(rosa: Person, address: str) -> TestResponse:
    """Type the password alone; return the answer that leads on."""
    form = hidden(rosa.client.get(address))
    sent = rosa.client.post("/session/resume", data=form | {"password": PASSWORD})
    return rosa.client.get(sent.headers["Location"])


def test_SE_02_an_application_is_entered_again_with_the_password_alone(
    rosa: Person, portal: Application, clock: FixedClock
) -> None:
    first = portal.redeem(rosa.client, rosa.enter(portal)["code"]).get_json()
    former = claims_of(rosa.client, first["id_token"], portal.client_id)
    clock.advance(PAUSE)
    address = arrive(rosa, portal)
    assert address.startswith("/session/resume?tx=")
    tokens = portal.redeem(rosa.client, answer_of(go_on(rosa, address))["code"]).get_json()
    claims = claims_of(rosa.client, tokens["id_token"], portal.client_id)
    # Honest: no more than the former sign-in was worth, and no younger.
    assert [claims[name] for name in ("sub", "acr", "auth_time")] == [
        former[name] for name in ("sub", "acr", "auth_time")
    ]
    assert claims["sid"] != former["sid"]


@pytest.mark.parametrize("prompt", ["login", "consent", "select_account"])
def test_a_request_that_asks_for_pages_gets_the_ordinary_sign_in(
    rosa: Person, portal: Application, clock: FixedClock, prompt: str
) -> None:
    rosa.enter(portal)
    clock.advance(PAUSE)
    assert arrive(rosa, portal, prompt=prompt).startswith("/sign-in?tx=")


def test_AZ_22_a_request_for_a_young_sign_in_is_not_content_with_the_password(
    rosa: Person, portal: Application, clock: FixedClock
) -> None:
    rosa.enter(portal)
    clock.advance(PAUSE)
    answered = go_on(rosa, arrive(rosa, portal, max_age="60"))
    assert answered.headers["Location"].startswith("/sign-in?tx=")


def test_a_silent_request_learns_that_a_sign_in_is_needed(
    rosa: Person, portal: Application, clock: FixedClock
) -> None:
    rosa.enter(portal)
    clock.advance(PAUSE)
    asked = rosa.client.get("/oidc/authorize", query_string=portal.request(prompt="none"))
    assert answer_of(asked)["error"] == "login_required"
