"""From the application to the sign-in pages and back, through the front door."""

from urllib.parse import parse_qs, urlsplit

import pytest

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from tests.oidc import story
from tests.oidc.person import Person, hidden
from tests.oidc.story import Application, answer_of, claims_of


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
    rosa.client.post("/sign-out", data=hidden(rosa.client.get("/sign-out")))
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
