"""authorization_details (RFC 9396) and resource (RFC 8707), from the request to the token."""

import json
from typing import Any

import jwt
import pytest

from idp.foundation.context import Context
from tests.oidc import story
from tests.oidc.person import leads_to, press
from tests.oidc.story import Application, Browser, answer_of
from tests.parts.application import on_both_databases

SIGNING: dict[str, Any] = {
    "type": "esignature",
    "title": "Enrollment agreement",
    "summary": "You agree to the terms of 2026.\nNothing else changes.",
    "sha256": "ab" * 32,
    "signer_role": "office_administrator",
    "npi": "1234567893",
}
API = "https://api.example.org/claims"


@pytest.fixture
def signing(ctx: Context) -> Application:
    """An application that may ask for signatures."""
    return story.register(ctx, "signing", authorization_details_types=["esignature"])


def detail(**changes: Any) -> str:
    said = {name: value for name, value in (SIGNING | changes).items() if value is not None}
    return json.dumps([said])


@on_both_databases
def test_details_come_back_with_the_tokens(browser: Browser, signing: Application) -> None:
    tokens = browser.tokens(signing, authorization_details=detail())
    assert tokens["authorization_details"] == [SIGNING]
    again = signing.refresh(browser.client, tokens["refresh_token"]).get_json()
    assert again["authorization_details"] == [SIGNING]


def test_without_details_none_come_back(browser: Browser, signing: Application) -> None:
    assert "authorization_details" not in browser.tokens(signing)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "payment"},
        {"type": None},
        {"type": 1},
        {"title": None},
        {"title": ""},
        {"title": " "},
        {"title": "x" * 201},
        {"title": "a\u202eb"},
        {"title": ["x"]},
        {"summary": None},
        {"summary": "x" * 2001},
        {"summary": "a\x00b"},
        {"sha256": "AB" * 32},
        {"sha256": "ab" * 31},
        {"signer_role": "Office Administrator"},
        {"npi": "1234567890"},
        {"npi": 1234567893},
        {"locations": ["https://x.example"]},
    ],
)
def test_unknown_types_and_fields_that_do_not_fit_are_refused(
    browser: Browser, signing: Application, changes: dict[str, Any]
) -> None:
    answered = answer_of(browser.authorize(signing, authorization_details=detail(**changes)))
    assert answered["error"] == "invalid_authorization_details"


@pytest.mark.parametrize(
    "sent",
    ["x", "{}", "[]", "[1]", "null", "[null]", "[[]]", "[" * 4000, json.dumps([SIGNING] * 11)],
)
def test_what_is_no_such_array_is_refused(
    browser: Browser, signing: Application, sent: str
) -> None:
    answered = answer_of(browser.authorize(signing, authorization_details=sent))
    assert answered["error"] == "invalid_authorization_details"


def test_a_client_asks_for_its_registered_types_alone(
    browser: Browser, portal: Application
) -> None:
    answered = answer_of(browser.authorize(portal, authorization_details=detail()))
    assert answered["error"] == "invalid_authorization_details"


def test_a_person_reads_the_details_every_time(ctx: Context, browser: Browser) -> None:
    foreign = story.register(
        ctx,
        "foreign",
        first_party=False,
        reports_activity=False,
        authorization_details_types=["esignature"],
    )
    for _ in range(2):
        asked = browser.authorize(foreign, authorization_details=detail())
        assert leads_to(asked, "/oidc/consent")
        page = browser.client.get(asked.headers["Location"])
        assert "Enrollment agreement" in page.text
        assert "1234567893" in page.text
        allowed = press(browser.client, asked, "decision", "allow")
        assert "code" in answer_of(browser.client.get(allowed.headers["Location"]))
    silent = answer_of(browser.authorize(foreign, authorization_details=detail(), prompt="none"))
    assert silent["error"] == "consent_required"


@on_both_databases
def test_a_resource_that_is_registered_is_whom_the_token_is_for(
    ctx: Context, browser: Browser
) -> None:
    caller = story.register(ctx, "caller", resources=[API])
    tokens = browser.tokens(caller, resource=API)
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["aud"] == API


@pytest.mark.parametrize(
    "wanted", [f"{API}/", "https://api.example.org", "https://evil.example", "x", "\x00"]
)
def test_other_resources_are_refused(ctx: Context, browser: Browser, wanted: str) -> None:
    caller = story.register(ctx, "caller", resources=[API])
    assert answer_of(browser.authorize(caller, resource=wanted))["error"] == "invalid_target"


def test_one_resource_a_request(ctx: Context, browser: Browser) -> None:
    caller = story.register(ctx, "caller", resources=[API])
    twice = story.encoded(caller.request(resource=API)) + "&resource=x"
    answered = answer_of(browser.client.get(f"/oidc/authorize?{twice}"))
    assert answered["error"] == "invalid_request"
