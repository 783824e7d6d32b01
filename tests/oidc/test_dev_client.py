"""/dev/client: trying requests by hand, and reading every token; nowhere but in development."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.app import create_app
from idp.foundation.clock import FixedClock
from idp.settings import Settings
from tests.oidc.person import hidden, press
from tests.oidc.story import Browser
from tests.parts.application import ISSUER
from tests.parts.axe import assert_accessible
from tests.parts.chromium import NARROW, WIDE, Chromium
from tests.parts.sample_pages import serve_to

_UNCHANGED = {"scope": "openid", "prompt": "", "response_mode": ""}


def send(browser: Browser, **wishes: str) -> TestResponse:
    """Fill the form and follow it to the authorization endpoint's answer."""
    page = browser.client.get("/dev/client")
    assert page.status_code == 200, page.text
    away = browser.client.post("/dev/client", data=hidden(page) | _UNCHANGED | wishes)
    assert away.headers["Location"].startswith("/oidc/authorize?"), away.text
    return browser.client.get(away.headers["Location"])


def allowed(browser: Browser, **wishes: str) -> TestResponse:
    """Send a request and allow it where the client is not known yet."""
    answer = send(browser, **wishes)
    if answer.headers.get("Location", "").startswith("/oidc/consent"):
        answer = press(browser.client, answer, "decision", "allow")
        answer = browser.client.get(answer.headers["Location"])
    return answer


def came_back(browser: Browser, **wishes: str) -> TestResponse:
    return browser.client.get(allowed(browser, **wishes).headers["Location"])


def names_in(page: TestResponse) -> set[str]:
    return set(re.findall(r'<th scope="row"[^>]*><code>([^<]+)</code>', page.text))


def test_every_answer_is_taken_apart(browser: Browser) -> None:
    page = came_back(browser, scope="openid profile email")
    assert page.status_code == 200
    told = {"code", "state", "iss", "access_token", "refresh_token", "id_token", "kid", "alg"}
    assert told | {"sub", "aud", "nonce", "sid", "acr", "preferred_username"} <= names_in(page)
    assert "was verified with the published key" in page.text
    assert 'class="usa-alert' not in page.text


def test_it_speaks_spanish(browser: Browser) -> None:
    browser.client.get("/dev/client?lang=es")
    page = came_back(browser)
    assert "Datos del token de identidad" in page.text
    assert "Quién lo emitió" in page.text


def test_the_refresh_token_works_from_the_page(browser: Browser) -> None:
    first = came_back(browser)
    again = browser.client.post("/dev/client/refresh", data=hidden(first))
    assert {"access_token", "refresh_token", "id_token"} <= names_in(again)
    used = browser.client.post("/dev/client/refresh", data={"refresh_token": "x"} | hidden(first))
    assert used.status_code == 200


def test_signing_out_leads_back(browser: Browser) -> None:
    link = re.search(r'href="(/oidc/end-session\?[^"]+)"', came_back(browser).text)
    assert link
    answer = browser.client.get(unescape(link[1]))
    assert answer.headers["Location"] == "http://localhost:8000/dev/client"


def test_an_answer_by_form_is_read_too(browser: Browser) -> None:
    page = allowed(browser, response_mode="form_post")
    fields = {name: unescape(value) for name, value in hidden(page).items()}
    shown = browser.client.post("/dev/client/callback", data=fields)
    assert "id_token" in names_in(shown)


def test_an_error_is_shown_as_it_came(browser: Browser) -> None:
    page = came_back(browser, without_pkce="y")
    assert "code_challenge is required." in page.text
    assert names_in(page) == {"error", "error_description", "state", "iss"}


@pytest.mark.parametrize("query", ["", "code=x&state=y", "state=%ff", "code=<script>&state=1"])
def test_what_this_browser_did_not_ask_for_goes_nowhere(client: FlaskClient, query: str) -> None:
    page = client.get(f"/dev/client/callback?{query}")
    assert page.status_code == 200
    assert "This browser sent no such request" in page.text
    assert "access_token" not in page.text
    assert "<script>&" not in page.text


def test_a_code_is_redeemed_once(browser: Browser) -> None:
    location = allowed(browser).headers["Location"]
    assert "access_token" in names_in(browser.client.get(location))
    assert "The authorization code is not valid." in browser.client.get(location).text


def test_too_long_wishes_are_refused_with_words(browser: Browser) -> None:
    page = browser.client.get("/dev/client")
    sent = hidden(page) | _UNCHANGED | {"scope": "x" * 2001}
    refused = browser.client.post("/dev/client", data=sent)
    assert refused.status_code == 422
    assert "Use at most 2000 characters here." in refused.text


@pytest.mark.parametrize("environment", ["production", "conformance"])
def test_it_exists_in_development_only(
    settings: Settings, clock: FixedClock, app: Flask, environment: str
) -> None:
    assert app.test_client().get("/dev/client").status_code == 200
    address = "https://id.example.org/dev/client"
    elsewhere = settings.model_copy(
        update={"environment": environment, "issuer": "https://id.example.org"}
    )
    assert create_app(elsewhere, clock).test_client().get(address).status_code == 404


@pytest.mark.browser
@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize(
    "path", ["/dev/client", "/dev/client/callback?code=x&state=y&iss=z", "/docs/api"]
)
def test_the_pages_for_developers_are_accessible(
    app: Flask, chromium: Chromium, width: int, path: str
) -> None:
    page = chromium.person(width=width)
    serve_to(page, app)
    page.goto(f"{ISSUER}{path}")
    assert_accessible(page)
