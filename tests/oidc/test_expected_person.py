"""Whom an application expects: id_token_hint, and prompt=select_account."""

import jwt
import pytest
from flask import Flask

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from tests.oidc import person, story
from tests.oidc.person import Person, handle_of, leads_to, press
from tests.oidc.story import Application, Browser, answer_of, claims_of, is_refusal_page


def hint_of(browser: Browser, application: Application) -> str:
    token: str = browser.tokens(application)["id_token"]
    return token


def test_a_hint_of_this_person_is_fine_however_old(
    browser: Browser, portal: Application, clock: FixedClock
) -> None:
    hint = hint_of(browser, portal)
    clock.advance(800)
    browser.client.get("/account")  # the session goes on
    clock.advance(800)
    for _ in range(2):  # an older one of the same session as well
        answered = answer_of(browser.authorize(portal, id_token_hint=hint, prompt="none"))
        assert "code" in answered
        hint_of(browser, portal)


def test_a_hint_of_another_person_asks_that_person_to_sign_in(
    ctx: Context, app: Flask, browser: Browser, portal: Application
) -> None:
    other = story.sign_in(ctx, app, story.person(ctx, "other"))
    hint = hint_of(other, portal)
    silent = answer_of(browser.authorize(portal, id_token_hint=hint, prompt="none"))
    assert silent["error"] == "login_required"
    assert leads_to(browser.authorize(portal, id_token_hint=hint), "/sign-in")


def test_after_signing_in_it_must_be_that_person(
    ctx: Context, app: Flask, rosa: Person, portal: Application, clock: FixedClock
) -> None:
    other = person.make(ctx, app, clock, "other")
    entered = other.enter(portal)
    hint = portal.redeem(other.client, entered["code"]).get_json()["id_token"]
    clock.advance(30)
    # Rosa signs in although the other one is asked for: the application is told.
    refused = rosa.enter(portal, id_token_hint=hint)
    assert refused["error"] == "login_required"
    clock.advance(30)
    # In the same browser the right one signs in, and Rosa's session makes place.
    rosa.username = "other"
    answered = rosa.enter(portal, id_token_hint=hint)
    tokens = portal.redeem(rosa.client, answered["code"]).get_json()
    assert claims_of(rosa.client, tokens["id_token"], portal.client_id)["sub"] == other.account.sub


def test_JW_01_a_hint_that_is_not_ours_is_refused(browser: Browser, portal: Application) -> None:
    hint = hint_of(browser, portal)
    claims = jwt.decode(hint, options={"verify_signature": False})
    public = browser.client.get("/oidc/jwks").get_data()
    forged = [
        jwt.encode(claims, "", algorithm="none"),
        jwt.api_jws.PyJWS().encode(hint.encode(), "x" * 64, "HS256"),
        jwt.encode(claims, public.hex(), algorithm="HS256"),
        story.SigningKey.make("RS256").sign(claims),
        hint[:-4] + "AAAA",
        "x",
        "..",
        "\u2026",
    ]
    for token in forged:
        answered = answer_of(browser.authorize(portal, id_token_hint=token))
        assert answered["error"] == "invalid_request"


def test_a_hint_for_another_application_is_refused(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    hint = hint_of(browser, story.register(ctx, "second"))
    answered = answer_of(browser.authorize(portal, id_token_hint=hint))
    assert answered["error"] == "invalid_request"


def test_a_person_chooses_to_go_on(browser: Browser, portal: Application) -> None:
    asked = browser.authorize(portal, prompt="select_account")
    assert leads_to(asked, "/oidc/select-account")
    assert "rrecipient" in browser.client.get(asked.headers["Location"]).text
    skipped = browser.client.get(f"/oidc/authorize/resume?tx={handle_of(asked)}")
    assert leads_to(skipped, "/oidc/select-account")
    chosen = press(browser.client, asked, "choice", "continue")
    assert "code" in answer_of(browser.client.get(chosen.headers["Location"]))


def test_a_person_chooses_another_account(
    ctx: Context, app: Flask, rosa: Person, portal: Application, clock: FixedClock
) -> None:
    other = person.make(ctx, app, clock, "other")
    rosa.enter(portal)
    clock.advance(30)
    asked = rosa.ask(portal, prompt="select_account")
    to_sign_in = press(rosa.client, asked, "choice", "other")
    assert leads_to(to_sign_in, "/sign-in")
    rosa.username = "other"
    done = rosa.sign_in(to_sign_in.headers["Location"])
    answered = answer_of(rosa.client.get(done.headers["Location"]))
    tokens = portal.redeem(rosa.client, answered["code"]).get_json()
    assert claims_of(rosa.client, tokens["id_token"], portal.client_id)["sub"] == other.account.sub


def test_without_a_session_the_choice_is_made_by_signing_in(
    rosa: Person, portal: Application
) -> None:
    assert "code" in rosa.enter(portal, prompt="select_account")


def test_a_choice_is_of_this_session_alone(
    browser: Browser, portal: Application, clock: FixedClock
) -> None:
    asked = browser.authorize(portal, prompt="select_account")
    clock.advance(900)
    gone = browser.client.get(asked.headers["Location"])
    assert gone.status_code in {303, 410}
    assert "callback" not in gone.headers.get("Location", "")


def test_SE_08_another_site_cannot_choose(browser: Browser, portal: Application) -> None:
    tx = handle_of(browser.authorize(portal, prompt="select_account"))
    forged = browser.client.post("/oidc/select-account", data={"tx": tx, "choice": "continue"})
    assert forged.status_code == 403


@pytest.mark.parametrize("prompt", ["none select_account", "none consent", "consent none login"])
def test_AZ_22_none_stands_alone(browser: Browser, portal: Application, prompt: str) -> None:
    assert answer_of(browser.authorize(portal, prompt=prompt))["error"] == "invalid_request"


@pytest.mark.parametrize("display", ["page", "popup", "touch", "wap", "hologram"])
def test_display_never_fails(browser: Browser, portal: Application, display: str) -> None:
    assert "code" in answer_of(browser.authorize(portal, display=display))


def test_a_login_hint_fills_the_first_field_and_is_escaped(
    rosa: Person, portal: Application
) -> None:
    asked = rosa.ask(portal, login_hint='rosa"><script>alert(1)</script>')
    page = rosa.client.get(asked.headers["Location"])
    assert "<script>alert" not in page.text
    assert "rosa&#34;" in page.text


def test_a_request_that_fails_after_the_pages_ends_there(
    ctx: Context, rosa: Person, portal: Application
) -> None:
    assert is_refusal_page(rosa.ask(portal, redirect_uri="http://localhost:9001/other"))
