"""The claims parameter: single claims, whom and how strongly. OpenID Connect Core §5.5."""

import json
from typing import Any

import pytest
from flask import Flask

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.people.accounts.service import Account
from tests.oidc import story
from tests.oidc.person import Person, leads_to
from tests.oidc.story import Application, Browser, answer_of, claims_of
from tests.parts.application import on_both_databases

AAL1, AAL2, PHR = (f"urn:ncid:acr:{level}" for level in ("aal1", "aal2", "aal2-phr"))


def of(**places: Any) -> str:
    return json.dumps(places)


@on_both_databases
def test_single_claims_are_given_where_they_are_asked_for(
    browser: Browser, portal: Application
) -> None:
    wanted = of(
        userinfo={"email": {"essential": True}, "given_name": None, "unknown": None},
        id_token={"name": None, "email_verified": {"essential": True}, "access": None},
    )
    tokens = browser.tokens(portal, claims=wanted)
    userinfo = browser.userinfo(tokens["access_token"]).get_json()
    assert set(userinfo) == {"sub", "email", "given_name"}
    said = claims_of(browser.client, tokens["id_token"], portal.client_id)
    assert said["name"] == "Rosa Recipient"
    assert said["email_verified"] is True
    assert said["access"] == []
    assert not {"email", "given_name", "unknown"} & set(said)
    # A refreshed ID token says the same (Core §12.2).
    again = portal.refresh(browser.client, tokens["refresh_token"]).get_json()
    assert claims_of(browser.client, again["id_token"], portal.client_id)["name"] == said["name"]


def test_UI_02_single_claims_need_a_registered_scope(ctx: Context, browser: Browser) -> None:
    narrow = story.register(ctx, "narrow", scope="openid email")
    tokens = browser.tokens(narrow, claims=of(userinfo={"name": None, "email": None, "ncid": None}))
    assert set(browser.userinfo(tokens["access_token"]).get_json()) == {"sub", "email"}


def test_claims_of_the_scope_stay(browser: Browser, portal: Application) -> None:
    tokens = browser.tokens(portal, scope="openid phone email", claims=of(userinfo={"name": None}))
    said = browser.userinfo(tokens["access_token"]).get_json()
    assert {"name", "email"} <= set(said)


def test_single_claims_are_part_of_what_is_agreed_to(
    browser: Browser, stranger: Application
) -> None:
    asked = browser.authorize(stranger, claims=of(id_token={"phone_number": None}))
    assert leads_to(asked, "/oidc/consent")
    assert "see your phone number" in browser.client.get(asked.headers["Location"]).text


@pytest.mark.parametrize(
    "sent",
    [
        "x",
        "[]",
        '"text"',
        "1",
        '{"userinfo": []}',
        '{"userinfo": {"email": 1}}',
        '{"userinfo": {"email": {"essential": "yes"}}}',
        '{"id_token": {"acr": {"values": "x"}}}',
        '{"id_token": {}, "id_token": {}}',
        '{"userinfo": {"email": {"value": NaN}}}',
        "[" * 5000,
        "{",
    ],
)
def test_IN_04_what_is_no_such_object_is_refused(
    browser: Browser, portal: Application, sent: str
) -> None:
    assert answer_of(browser.authorize(portal, claims=sent))["error"] == "invalid_request"


@pytest.mark.parametrize("sent", ["{}", '{"other": 1}', '{"userinfo": null}', '{"id_token": {}}'])
def test_what_says_nothing_is_fine(browser: Browser, portal: Application, sent: str) -> None:
    assert "code" in answer_of(browser.authorize(portal, claims=sent))


@pytest.mark.parametrize("place", ["id_token", "userinfo"])
def test_a_subject_asked_for_is_the_one_or_has_to_sign_in(
    browser: Browser, portal: Application, recipient: Account, place: str
) -> None:
    right = of(**{place: {"sub": {"value": recipient.sub}}})
    assert "code" in answer_of(browser.authorize(portal, claims=right, prompt="none"))
    for wrong in ({"value": "another"}, {"values": ["a", "b"]}, {"value": 1}):
        wanted = of(**{place: {"sub": wrong}})
        refused = answer_of(browser.authorize(portal, claims=wanted, prompt="none"))
        assert refused["error"] == "login_required"
        assert leads_to(browser.authorize(portal, claims=wanted), "/sign-in")


def test_MF_09_an_essential_level_must_be_reached(
    ctx: Context, app: Flask, recipient: Account, portal: Application
) -> None:
    weak = story.sign_in(ctx, app, recipient, amr=["pwd"])
    wanted = of(id_token={"acr": {"essential": True, "values": [AAL2, PHR]}})
    assert leads_to(weak.authorize(portal, claims=wanted), "/sign-in")
    silent = answer_of(weak.authorize(portal, claims=wanted, prompt="none"))
    assert silent["error"] == "interaction_required"
    strong = story.sign_in(ctx, app, recipient)
    tokens = strong.tokens(portal, claims=wanted)
    assert claims_of(strong.client, tokens["id_token"], portal.client_id)["acr"] == AAL2


def test_an_essential_level_that_the_sign_in_did_not_reach_fails(
    rosa: Person, portal: Application
) -> None:
    wanted = of(id_token={"acr": {"essential": True, "value": PHR}})
    answered = rosa.enter(portal, claims=wanted)
    assert answered["error"] == "unmet_authentication_requirements"


@pytest.mark.parametrize("prompt", [None, "none", "login"])
def test_an_essential_level_that_nobody_knows_fails_at_once(
    browser: Browser, portal: Application, prompt: str | None
) -> None:
    wanted = of(id_token={"acr": {"essential": True, "values": ["loa-4", 2]}})
    answered = answer_of(browser.authorize(portal, claims=wanted, prompt=prompt))
    assert answered["error"] == "unmet_authentication_requirements"


def test_a_voluntary_level_is_worth_one_sign_in(
    rosa: Person, portal: Application, clock: FixedClock
) -> None:
    wanted = of(id_token={"acr": {"values": [PHR]}})
    assert "code" in rosa.enter(portal, claims=wanted)
    clock.advance(30)
    assert leads_to(rosa.ask(portal, claims=wanted), "/sign-in")


def test_an_essential_level_without_values_is_just_the_claim(
    browser: Browser, portal: Application
) -> None:
    wanted = of(id_token={"acr": {"essential": True}, "auth_time": {"essential": True}})
    tokens = browser.tokens(portal, claims=wanted)
    assert {"acr", "auth_time"} <= set(
        claims_of(browser.client, tokens["id_token"], portal.client_id)
    )
