"""Signing in on a device (RFC 8628)."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc.device import codes, deciding
from idp.people.accounts.service import Account
from idp.people.sessions import service as sessions
from tests.oidc import story
from tests.oidc.story import Application, Browser
from tests.parts.application import ISSUER, on_both_databases

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
Codes = dict[str, Any]


@pytest.fixture
def tool(ctx: Context) -> Application:
    """A first-party command-line tool, which keeps no secret."""
    return register(ctx)


def register(ctx: Context, client_id: str = "tool", **changes: Any) -> Application:
    usual: dict[str, Any] = {
        "client_name": "Desk Tool",
        "token_endpoint_auth_method": "none",
        "grant_types": [GRANT, "refresh_token"],
        "redirect_uris": [],
        "post_logout_redirect_uris": [],
        "scope": "openid email",
        "reports_activity": False,
    }
    return story.register(ctx, client_id, **(usual | changes))


def ask(client: FlaskClient, tool: Application, **more: str | None) -> Codes:
    answer = tool.post(client, "/oidc/device-authorization", {"scope": "openid email", **more})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    found: Codes = answer.get_json()
    return found


def poll(client: FlaskClient, tool: Application, asked: Codes) -> TestResponse:
    form = {"grant_type": GRANT, "device_code": asked["device_code"]}
    return tool.post(client, "/oidc/token", form)


def error_of(response: TestResponse) -> str:
    assert response.status_code == 400, response.text
    found: str = response.get_json()["error"]
    return found


def form_token(response: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', response.text)
    assert found, response.text
    return found[1]


def type_code(browser: Browser, typed: str) -> TestResponse:
    page = browser.client.get("/oidc/device")
    assert page.status_code == 200, page.headers.get("Location")
    form = {"csrf_token": form_token(page), "user_code": typed}
    return browser.client.post("/oidc/device", data=form)


def decide(browser: Browser, asked: Codes, decision: str = "allow") -> TestResponse:
    page = type_code(browser, asked["user_code"])
    assert page.status_code == 200, page.text
    form = {
        "csrf_token": form_token(page),
        "user_code": asked["user_code"],
        "decision": decision,
    }
    return browser.client.post("/oidc/device/decide", data=form)


@on_both_databases
def test_a_person_connects_a_device(
    ctx: Context, app: Flask, browser: Browser, tool: Application, recipient: Account
) -> None:
    device = app.test_client()
    asked = ask(device, tool)
    assert asked["verification_uri"] == f"{ISSUER}/oidc/device"
    assert asked["verification_uri_complete"].endswith(f"?user_code={asked['user_code']}")
    assert (asked["expires_in"], asked["interval"]) == (600, 5)
    assert re.fullmatch(f"[{codes.ALPHABET}]{{4}}-[{codes.ALPHABET}]{{4}}", asked["user_code"])
    page = type_code(browser, asked["user_code"])
    for shown in ("Desk Tool", asked["user_code"], "127.0.0.1", "see your email address"):
        assert shown in page.text
    done = decide(browser, asked)
    assert "Your device is connected" in done.text
    answer = poll(device, tool, asked)
    assert answer.status_code == 200, answer.text
    tokens = answer.get_json()
    claims = story.claims_of(device, tokens["id_token"], "tool")
    assert (claims["sub"], claims["acr"]) == (recipient.sub, "urn:ncid:acr:aal2")
    assert claims["sid"] == browser.session.sid
    assert "nonce" not in claims
    assert browser.userinfo(tokens["access_token"]).get_json()["email"] == "rrecipient@example.org"
    assert tool.refresh(device, tokens["refresh_token"]).status_code == 200
    rows = str(ctx.db.execute(text("SELECT * FROM oidc_device")).all())
    secrets = asked["device_code"], asked["user_code"], asked["user_code"].replace("-", "")
    assert not [secret for secret in secrets if secret in rows]
    events = ctx.db.execute(text("SELECT event FROM audit_event")).scalars().all()
    assert "oidc.device_approved" in events


def test_the_code_may_be_typed_in_any_way(
    client: FlaskClient, browser: Browser, tool: Application
) -> None:
    code = ask(client, tool)["user_code"]
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert type_code(browser, typed).status_code == 200, typed


@pytest.mark.parametrize(
    "typed", ["", "x", "AEIO-UAEI", "BCDF-GHJ", "BCDF-GHJK", "ü" * 8, "B" * 99]
)
def test_a_code_that_does_not_wait_is_refused_in_words(
    browser: Browser, tool: Application, typed: str
) -> None:
    page = type_code(browser, typed)
    assert page.status_code == 422
    assert "Desk Tool" not in page.text


def test_a_code_in_the_address_is_filled_in_and_decides_nothing(
    client: FlaskClient, browser: Browser, tool: Application
) -> None:
    asked = ask(client, tool)
    page = browser.client.get(asked["verification_uri_complete"].removeprefix(ISSUER))
    assert f'value="{asked["user_code"]}"' in page.text
    assert "Desk Tool" not in page.text
    assert error_of(poll(client, tool, asked)) == "authorization_pending"
    planted = browser.client.get('/oidc/device?user_code="><script>alert(1)</script>')
    assert "<script>alert" not in planted.text


@on_both_databases
def test_a_device_waits_and_asks_no_oftener_than_it_may(
    client: FlaskClient, tool: Application, clock: FixedClock
) -> None:
    asked = ask(client, tool)
    assert error_of(poll(client, tool, asked)) == "authorization_pending"
    assert error_of(poll(client, tool, asked)) == "slow_down"
    clock.advance(9)
    assert error_of(poll(client, tool, asked)) == "slow_down"  # ten seconds by now
    clock.advance(15)
    assert error_of(poll(client, tool, asked)) == "authorization_pending"
    clock.advance(600)
    assert error_of(poll(client, tool, asked)) == "expired_token"


def test_a_denied_device_gets_nothing(
    ctx: Context, client: FlaskClient, browser: Browser, tool: Application
) -> None:
    for decision in ("deny", "", "anything"):
        asked = ask(client, tool)
        assert "Nothing was allowed" in decide(browser, asked, decision).text
        assert error_of(poll(client, tool, asked)) == "access_denied"
        assert type_code(browser, asked["user_code"]).status_code == 422
    events = ctx.db.execute(text("SELECT event FROM audit_event")).scalars().all()
    assert "oidc.device_denied" in events


@on_both_databases
def test_a_device_code_is_redeemed_once(
    app: Flask, browser: Browser, tool: Application, clock: FixedClock
) -> None:
    asked = ask(app.test_client(), tool)
    decide(browser, asked)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: poll(app.test_client(), tool, asked), range(12)))
    winners = [answer.get_json() for answer in answers if answer.status_code == 200]
    assert len(winners) == 1
    assert browser.userinfo(winners[0]["access_token"]).status_code == 200
    clock.advance(120)
    assert error_of(poll(app.test_client(), tool, asked)) == "invalid_grant"
    assert browser.userinfo(winners[0]["access_token"]).status_code == 401


def test_a_device_code_belongs_to_its_client_and_is_no_authorization_code(
    ctx: Context, client: FlaskClient, browser: Browser, tool: Application, portal: Application
) -> None:
    other, asked = register(ctx, "other"), ask(client, tool)
    decide(browser, asked)
    assert error_of(poll(client, other, asked)) == "invalid_grant"
    for uri in (None, "", portal.redirect_uri):
        answer = portal.redeem(client, asked["device_code"], redirect_uri=uri, code_verifier=None)
        assert error_of(answer) == "invalid_grant"
    code = browser.code(portal)
    assert error_of(poll(client, tool, {"device_code": code})) == "invalid_grant"
    assert poll(client, tool, asked).status_code == 200


def test_an_approval_ends_with_the_session_it_was_given_in(
    ctx: Context, client: FlaskClient, browser: Browser, tool: Application
) -> None:
    first, second = ask(client, tool), ask(client, tool)
    decide(browser, first)
    decide(browser, second)
    tokens = poll(client, tool, first).get_json()
    with writing(ctx.db):
        sessions.end_session(ctx, browser.session.id, "sign_out")
    assert error_of(poll(client, tool, second)) == "invalid_grant"
    assert error_of(tool.refresh(client, tokens["refresh_token"])) == "invalid_grant"


def test_whoever_is_not_signed_in_is_led_there_and_back(
    client: FlaskClient, tool: Application
) -> None:
    asked = ask(client, tool)
    answer = client.get(asked["verification_uri_complete"].removeprefix(ISSUER))
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?tx=")


def test_a_sign_in_that_is_not_fresh_is_asked_for_again(
    ctx: Context, client: FlaskClient, browser: Browser, tool: Application, clock: FixedClock
) -> None:
    asked = ask(client, tool)
    page = type_code(browser, asked["user_code"])
    form = {"csrf_token": form_token(page), "user_code": asked["user_code"], "decision": "allow"}
    clock.advance(300)
    late = browser.client.post("/oidc/device/decide", data=form)
    assert late.headers["Location"].startswith("/sign-in?tx=")
    assert error_of(poll(client, tool, asked)) == "authorization_pending"
    again = browser.client.get(late.headers["Location"])
    assert again.status_code == 200  # the form, although a session lives


def test_a_device_needs_a_second_factor(
    ctx: Context, app: Flask, client: FlaskClient, tool: Application, recipient: Account
) -> None:
    weak = story.sign_in(ctx, app, recipient, amr=["pwd"], factor_time=None)
    page = weak.client.get("/oidc/device")
    assert page.status_code == 403
    assert "second factor" in page.text


def test_guessing_codes_is_slowed_down(browser: Browser, tool: Application) -> None:
    pages = [type_code(browser, "BCDF-GHJK") for _ in range(21)]
    assert "too many codes" in pages[-1].text
    assert "too many codes" not in pages[-2].text


def test_asking_for_codes_is_slowed_down(client: FlaskClient, tool: Application) -> None:
    for _ in range(60):
        ask(client, tool)
    answer = tool.post(client, "/oidc/device-authorization", {"scope": "openid"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "email"}, "invalid_scope"),
        ({"scope": "openid", "resource": "https://x.example/"}, "invalid_target"),
    ],
)
def test_a_device_asks_for_what_is_registered(
    client: FlaskClient, tool: Application, form: dict[str, str | None], error: str
) -> None:
    assert error_of(tool.post(client, "/oidc/device-authorization", form)) == error


def test_TK_23_only_a_client_registered_for_it_connects_devices(
    client: FlaskClient, portal: Application
) -> None:
    answer = portal.post(client, "/oidc/device-authorization", {"scope": "openid"})
    assert error_of(answer) == "unauthorized_client"
    assert error_of(poll(client, portal, {"device_code": "x"})) == "unauthorized_client"
    anonymous = client.post("/oidc/device-authorization", data={"client_id": "nobody"})
    assert anonymous.status_code == 401


def test_approving_somebody_elses_application_is_a_consent(
    ctx: Context, client: FlaskClient, browser: Browser
) -> None:
    foreign = register(ctx, "foreign", first_party=False)
    asked = ask(client, foreign)
    decide(browser, asked)
    tokens = poll(client, foreign, asked).get_json()
    assert browser.userinfo(tokens["access_token"]).status_code == 200
    with writing(ctx.db):
        ctx.db.execute(text("UPDATE consent SET withdrawn_at = given_at"))
    assert browser.userinfo(tokens["access_token"]).status_code == 401


def test_a_client_that_asks_for_more_than_the_sign_in_reached_gets_nothing(
    ctx: Context, client: FlaskClient, browser: Browser
) -> None:
    strict = register(ctx, "strict", default_acr_values=["urn:ncid:acr:aal2-phr"])
    asked = ask(client, strict)
    assert "not enough" in decide(browser, asked).text
    assert error_of(poll(client, strict, asked)) == "authorization_pending"


def test_requests_of_devices_are_deleted_when_they_are_long_over(
    ctx: Context, client: FlaskClient, tool: Application, clock: FixedClock
) -> None:
    ask(client, tool)
    clock.advance(600 + 86_400)
    assert deciding.forget_ended(ctx) == 0
    clock.advance(1)
    assert deciding.forget_ended(ctx) == 1
