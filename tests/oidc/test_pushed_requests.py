"""Pushed authorization requests (RFC 9126; security.md PA)."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.oidc.clients import service as clients
from idp.oidc.pushed import service as pushed_requests
from tests.oidc import story
from tests.oidc.person import Person
from tests.oidc.story import Application, Browser, SigningKey, answer_of, is_refusal_page
from tests.oidc.test_request_objects import KEY, signed
from tests.parts.application import on_both_databases


def push(client: FlaskClient, application: Application, **changes: str | None) -> TestResponse:
    form: dict[str, str | None] = {**application.request(), **changes}
    return application.post(client, "/oidc/par", form)


def uri_of(client: FlaskClient, application: Application, **changes: str | None) -> str:
    answer = push(client, application, **changes)
    assert answer.status_code == 201, answer.text
    uri: str = answer.get_json()["request_uri"]
    return uri


def use(client: FlaskClient, application: Application, uri: str, **more: str) -> TestResponse:
    query = {"client_id": application.client_id, "request_uri": uri} | more
    return client.get("/oidc/authorize", query_string=query)


@on_both_databases
def test_what_was_pushed_is_what_counts(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    answer = push(browser.client, portal, state="inside")
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    said = answer.get_json()
    assert set(said) == {"request_uri", "expires_in"}
    assert said["expires_in"] == 60
    secret = said["request_uri"].removeprefix("urn:ietf:params:oauth:request_uri:")
    assert len(secret) == 43
    stored = str(ctx.db.execute(text("SELECT * FROM oidc_pushed_request")).all())
    assert secret not in stored
    answered = answer_of(use(browser.client, portal, said["request_uri"], state="outside"))
    assert answered["state"] == "inside"
    assert portal.redeem(browser.client, answered["code"]).status_code == 200


def test_a_pushed_request_waits_while_the_person_signs_in(
    rosa: Person, portal: Application
) -> None:
    asked = use(rosa.client, portal, uri_of(rosa.client, portal))
    done = rosa.sign_in(asked.headers["Location"])
    assert "code" in answer_of(rosa.client.get(done.headers["Location"]))


def test_PA_01_only_the_client_itself_may_push(
    ctx: Context, client: FlaskClient, portal: Application
) -> None:
    second = story.register(ctx, "second")
    nobody = client.post("/oidc/par", data=portal.request())
    wrong = client.post("/oidc/par", data=portal.request() | {"client_secret": "x" * 43})
    for refused in (nobody, wrong):
        assert refused.status_code == 401
        assert refused.get_json()["error"] == "invalid_client"
    mixed = client.post("/oidc/par", data=portal.request(), headers=second.basic())
    assert mixed.status_code == 400


def test_PA_01_a_request_uri_cannot_be_pushed(browser: Browser, portal: Application) -> None:
    uri = uri_of(browser.client, portal)
    for nested in (uri, "https://x.example"):
        refused = push(browser.client, portal, request_uri=nested)
        assert refused.status_code == 400
        assert refused.get_json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "https://evil.example"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"claims": "x"}, "invalid_request"),
        ({"resource": "https://api.example"}, "invalid_target"),
        ({"authorization_details": "[]"}, "invalid_authorization_details"),
        ({"id_token_hint": "x"}, "invalid_request"),
        ({"request": "x"}, "request_not_supported"),
    ],
)
def test_what_would_be_refused_later_is_refused_at_once(
    client: FlaskClient, portal: Application, changes: dict[str, str | None], error: str
) -> None:
    refused = push(client, portal, **changes)
    assert refused.status_code == 400
    assert refused.get_json()["error"] == error
    assert "evil" not in refused.text


def test_TK_21_parameters_come_in_a_form_alone(client: FlaskClient, portal: Application) -> None:
    request = portal.request()
    twice = f"{story.encoded(request)}&state=2"
    form = {"Content-Type": "application/x-www-form-urlencoded"} | portal.basic()
    refused = [
        client.post("/oidc/par", query_string=request, headers=portal.basic()),
        client.post("/oidc/par", json=request, headers=portal.basic()),
        client.post("/oidc/par", data=b"\xff=%zz", headers=form),
        client.post("/oidc/par", data=twice, headers=form),
    ]
    assert {answer.status_code for answer in refused} == {400}
    assert client.get("/oidc/par").status_code == 405


@on_both_databases
def test_PA_03_a_request_uri_works_once(browser: Browser, portal: Application) -> None:
    uri = uri_of(browser.client, portal)
    assert "code" in answer_of(use(browser.client, portal, uri))
    assert is_refusal_page(use(browser.client, portal, uri))
    outside = answer_of(use(browser.client, portal, uri, redirect_uri=portal.redirect_uri))
    assert outside["error"] == "invalid_request_uri"


def test_PA_03_a_request_uri_ends_after_a_minute(
    ctx: Context, browser: Browser, portal: Application, clock: FixedClock
) -> None:
    early, late = uri_of(browser.client, portal), uri_of(browser.client, portal)
    clock.advance(59)
    assert "code" in answer_of(use(browser.client, portal, early))
    clock.advance(1)
    assert is_refusal_page(use(browser.client, portal, late))
    uri_of(browser.client, portal)
    clock.advance(61)
    assert pushed_requests.forget_expired(ctx) == 1
    assert pushed_requests.forget_expired(ctx) == 0


def test_PA_03_a_guess_is_refused(browser: Browser, portal: Application) -> None:
    prefix = "urn:ietf:params:oauth:request_uri:"
    for guess in (prefix, f"{prefix}{'a' * 43}", f"{prefix}%00", f"{prefix}{'x' * 5000}"):
        assert is_refusal_page(use(browser.client, portal, guess))


def test_another_client_cannot_use_it_nor_use_it_up(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    second = story.register(ctx, "second")
    uri = uri_of(browser.client, portal)
    assert is_refusal_page(use(browser.client, second, uri))
    assert "code" in answer_of(use(browser.client, portal, uri))


def test_a_client_may_have_to_push(ctx: Context, browser: Browser) -> None:
    careful = story.register(ctx, "careful", require_pushed_authorization_requests=True)
    refused = answer_of(browser.authorize(careful))
    assert refused["error"] == "invalid_request"
    uri = uri_of(browser.client, careful)
    assert "code" in answer_of(use(browser.client, careful, uri))


def test_who_had_to_push_does_so_after_signing_in_too(ctx: Context, rosa: Person) -> None:
    careful = story.register(ctx, "careful", require_pushed_authorization_requests=True)
    asked = use(rosa.client, careful, uri_of(rosa.client, careful))
    done = rosa.sign_in(asked.headers["Location"])
    assert "code" in answer_of(rosa.client.get(done.headers["Location"]))


def test_a_request_object_may_be_pushed(ctx: Context, browser: Browser) -> None:
    signer = story.register(ctx, "signer", jwks=KEY.jwks)
    token = signed(signer, state="inside")
    answer = signer.post(browser.client, "/oidc/par", {"request": token, "state": "outside"})
    answered = answer_of(use(browser.client, signer, answer.get_json()["request_uri"]))
    assert answered["state"] == "inside"
    bad = signed(signer, SigningKey.make())
    refused = signer.post(browser.client, "/oidc/par", {"request": bad})
    assert refused.get_json()["error"] == "invalid_request_object"


def test_public_clients_may_push_as_well(ctx: Context, browser: Browser) -> None:
    public = story.register(
        ctx, "public", token_endpoint_auth_method="none", reports_activity=False
    )
    assert "code" in answer_of(use(browser.client, public, uri_of(browser.client, public)))


def test_no_secret_is_kept_with_the_request(ctx: Context, client: FlaskClient) -> None:
    posting = story.register(ctx, "posting", token_endpoint_auth_method="client_secret_post")
    uri_of(client, posting)
    stored = str(ctx.db.execute(text("SELECT parameters FROM oidc_pushed_request")).all())
    assert str(posting.secret) not in stored
    assert "client_secret" not in stored


def test_a_client_disabled_meanwhile_gets_nothing(
    ctx: Context, app: Flask, browser: Browser, portal: Application, clock: FixedClock
) -> None:
    uri = uri_of(browser.client, portal)
    clients.disable(ctx, portal.client_id)
    clock.advance(1)
    assert is_refusal_page(use(browser.client, portal, uri))


def test_discovery_names_it(client: FlaskClient) -> None:
    document: dict[str, Any] = client.get("/.well-known/openid-configuration").get_json()
    assert document["pushed_authorization_request_endpoint"].endswith("/oidc/par")
    assert document["require_pushed_authorization_requests"] is False
    assert document["request_uri_parameter_supported"] is False
