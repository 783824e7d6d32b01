"""Pages of other origins (CORS): security.md UI-08, protocol.md "Browsers as clients"."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.oidc.clients import service as clients
from tests.oidc import story
from tests.oidc.story import Application, Browser

OWN = "http://localhost:9001"
EVIL = "https://evil.example"
SHARED = ("/oidc/token", "/oidc/userinfo", "/oidc/revoke")


def allowed(response: object) -> str | None:
    headers = response.headers  # type: ignore[attr-defined]
    assert "Access-Control-Allow-Credentials" not in headers
    found: str | None = headers.get("Access-Control-Allow-Origin")
    return found


@pytest.mark.parametrize("path", SHARED)
def test_UI_08_a_preflight_is_answered_for_registered_origins_alone(
    client: FlaskClient, portal: Application, path: str
) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Origin": OWN}
    answer = client.options(path, headers=asked)
    assert answer.status_code == 204
    assert allowed(answer) == OWN
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Origin" in answer.headers["Vary"]
    for origin in (
        EVIL,
        "null",
        f"{OWN}.evil.example",
        "http://localhost:9001/",
        "HTTP://localhost:9001",
    ):
        refused = client.options(path, headers=asked | {"Origin": origin})
        assert allowed(refused) is None
        assert "Access-Control-Allow-Methods" not in refused.headers


def test_a_page_of_the_client_reads_tokens_and_claims(
    browser: Browser, portal: Application, app: Flask
) -> None:
    page = app.test_client()
    origin = {"Origin": OWN}
    form = {
        "grant_type": "authorization_code",
        "code": browser.code(portal),
        "redirect_uri": portal.redirect_uri,
        "code_verifier": portal.verifier,
    }
    answer = page.post("/oidc/token", data=form, headers=portal.basic() | origin)
    assert (answer.status_code, allowed(answer)) == (200, OWN)
    bearer = {"Authorization": f"Bearer {answer.get_json()['access_token']}"}
    userinfo = page.get("/oidc/userinfo", headers=bearer | origin)
    assert (userinfo.status_code, allowed(userinfo)) == (200, OWN)
    refused = page.get("/oidc/userinfo", headers={"Authorization": "Bearer x"} | origin)
    assert (refused.status_code, allowed(refused)) == (401, OWN)
    assert "WWW-Authenticate" in refused.headers["Access-Control-Expose-Headers"]
    revoked = page.post("/oidc/revoke", data={"token": "x"}, headers=portal.basic() | origin)
    assert (revoked.status_code, allowed(revoked)) == (200, OWN)
    wrong = page.post("/oidc/token", data=form | {"client_id": "portal"}, headers=origin)
    assert (wrong.status_code, allowed(wrong)) == (401, OWN)


def test_UI_08_pages_of_one_client_do_not_read_what_another_is_told(
    ctx: Context, browser: Browser, portal: Application
) -> None:
    elsewhere = "https://other.example"
    story.register(ctx, "other", redirect_uris=[f"{elsewhere}/callback"])
    token = browser.tokens(portal)["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Origin": elsewhere}
    assert allowed(browser.client.get("/oidc/userinfo", headers=headers)) is None
    sent = {"grant_type": "refresh_token", "refresh_token": "x"}
    answer = browser.client.post(
        "/oidc/token", data=sent, headers=portal.basic() | {"Origin": elsewhere}
    )
    assert allowed(answer) is None


@pytest.mark.parametrize(
    "path",
    [
        "/oidc/authorize", "/oidc/end-session", "/oidc/introspect", "/oidc/par", "/oidc/activity",
        "/oidc/device-authorization", "/oidc/device", "/oidc/register", "/sign-in", "/account",
        "/session/status",
    ],
)  # fmt: skip
def test_UI_08_every_other_address_allows_none(
    browser: Browser, portal: Application, path: str
) -> None:
    for origin in (OWN, EVIL, "null"):
        for method in ("OPTIONS", "GET", "POST"):
            answer = browser.client.open(path, method=method, headers={"Origin": origin})
            assert allowed(answer) is None


def test_a_disabled_clients_origin_is_nobodys(
    ctx: Context, client: FlaskClient, portal: Application, clock: FixedClock
) -> None:
    assert allowed(client.options("/oidc/token", headers={"Origin": OWN})) == OWN
    clients.disable(ctx, "portal")
    clock.advance(1)
    assert allowed(client.options("/oidc/token", headers={"Origin": OWN})) is None
