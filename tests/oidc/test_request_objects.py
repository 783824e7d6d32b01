"""Signed request objects by value (RFC 9101; security.md AZ-24)."""

import base64
import json
from typing import Any

import jwt
import pytest
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from tests.oidc import story
from tests.oidc.story import CALLBACK, Application, Browser, SigningKey, answer_of, is_refusal_page
from tests.parts.application import ISSUER, START, on_both_databases

NOW = int(START.timestamp())
KEY = SigningKey.make("ES256")


@pytest.fixture
def signer(ctx: Context) -> Application:
    """An application that registered a key."""
    return story.register(ctx, "signer", jwks=KEY.jwks)


def signed(application: Application, key: SigningKey = KEY, **changes: Any) -> str:
    """A request object of an application; None leaves a claim out."""
    usual: dict[str, Any] = {
        **application.request(),
        "iss": application.client_id,
        "aud": ISSUER,
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 60,
    }
    claims = {name: value for name, value in (usual | changes).items() if value is not None}
    return key.sign(claims, typ="oauth-authz-req+jwt")


def sent(browser: Browser, application: Application, token: str, **more: str) -> dict[str, str]:
    outside = {"client_id": application.client_id, "redirect_uri": CALLBACK} | more
    query = outside | {"request": token}
    return answer_of(browser.client.get("/oidc/authorize", query_string=query))


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
def test_what_was_signed_is_what_counts(ctx: Context, browser: Browser, alg: str) -> None:
    key = SigningKey.make(alg)
    signer = story.register(ctx, "signer", jwks=key.jwks)
    token = signed(signer, key, state="inside", nonce="inside", max_age=1000)
    answered = sent(browser, signer, token, state="outside", nonce="outside", scope="email")
    assert answered["state"] == "inside"
    tokens = signer.redeem(browser.client, answered["code"]).get_json()
    said = story.claims_of(browser.client, tokens["id_token"], "signer")
    assert said["nonce"] == "inside"
    assert tokens["scope"] == "openid"


def test_nothing_beside_it_fills_a_gap(browser: Browser, signer: Application) -> None:
    answered = sent(browser, signer, signed(signer, scope=None), scope="openid")
    assert answered["error"] == "invalid_scope"
    missing = {"client_id": "signer", "request": signed(signer, redirect_uri=None)}
    assert is_refusal_page(browser.client.get("/oidc/authorize", query_string=missing))


def test_claims_may_stand_in_it_as_an_object(browser: Browser, signer: Application) -> None:
    token = signed(signer, claims={"userinfo": {"email": None}})
    code = sent(browser, signer, token)["code"]
    access = signer.redeem(browser.client, code).get_json()["access_token"]
    assert "email" in browser.userinfo(access).get_json()


def test_an_address_inside_is_compared_as_well(browser: Browser, signer: Application) -> None:
    token = signed(signer, redirect_uri="https://evil.example/cb")
    query = {"client_id": "signer", "redirect_uri": CALLBACK, "request": token}
    answer = browser.client.get("/oidc/authorize", query_string=query)
    assert is_refusal_page(answer, "evil.example")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "portal"},
        {"iss": None},
        {"aud": "https://other.example"},
        {"aud": None},
        {"aud": f"{ISSUER}/oidc/authorize"},
        {"exp": NOW},
        {"exp": NOW - 1},
        {"exp": NOW + 3601},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"nbf": NOW + 31},
        {"nbf": "x"},
        {"client_id": "portal"},
        {"client_id": None},
        {"sub": "signer"},
        {"request": "x"},
        {"request_uri": "urn:x"},
        {"state": 1.5},
        {"state": False},
        {"jti": 1},
        {"jti": ""},
        {"jti": "x" * 257},
    ],
)
def test_AZ_24_what_does_not_fit_is_refused(
    browser: Browser, signer: Application, changes: dict[str, Any]
) -> None:
    answered = sent(browser, signer, signed(signer, **changes), state="outside")
    assert answered["error"] == "invalid_request_object"
    assert answered["state"] == "outside"


def test_without_an_address_outside_an_error_is_a_page(
    browser: Browser, signer: Application
) -> None:
    query = {"client_id": "signer", "request": signed(signer, exp=NOW)}
    assert is_refusal_page(browser.client.get("/oidc/authorize", query_string=query))


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE"])
def test_AZ_24_unsigned_ones_are_not_supported(
    browser: Browser, signer: Application, name: str
) -> None:
    header = base64.urlsafe_b64encode(json.dumps({"alg": name}).encode()).decode().rstrip("=")
    body = signed(signer).split(".")[1]
    for signature in ("", "AAAA"):
        answered = sent(browser, signer, f"{header}.{body}.{signature}")
        assert answered["error"] == "request_not_supported"


def test_AZ_24_keys_that_are_not_its_own_verify_nothing(
    ctx: Context, browser: Browser, signer: Application, portal: Application
) -> None:
    other = SigningKey.make("ES256")
    story.register(ctx, "other", jwks=other.jwks)
    claims = jwt.decode(signed(signer), options={"verify_signature": False})
    forged = [
        signed(signer, other),
        jwt.encode(claims, str(signer.secret), algorithm="HS256"),
        jwt.encode(claims, KEY.jwks["keys"][0]["x"], algorithm="HS256"),
        KEY.sign(claims, typ="client-authentication+jwt"),
        KEY.sign(claims, crit=["exp"]),
        signed(signer)[:-4] + "AAAA",
        "x",
        "a.b.c",
        "....",
        "\x00",
    ]
    for token in forged:
        assert sent(browser, signer, token)["error"] == "invalid_request_object", token
    keyless = signed(portal)
    assert sent(browser, portal, keyless)["error"] == "request_not_supported"


def test_an_algorithm_registered_is_the_only_one(ctx: Context, browser: Browser) -> None:
    strict = story.register(ctx, "strict", jwks=KEY.jwks, request_object_signing_alg="RS256")
    assert sent(browser, strict, signed(strict))["error"] == "invalid_request_object"


@on_both_databases
def test_TK_18_one_with_an_id_is_used_once(
    ctx: Context, browser: Browser, signer: Application, clock: FixedClock
) -> None:
    token = signed(signer, jti="the-one")
    assert "code" in sent(browser, signer, token)
    assert sent(browser, signer, token)["error"] == "invalid_request_object"
    stored = ctx.db.execute(text("SELECT jti_hash FROM oidc_used_jti")).scalars().all()
    assert len(stored) == 1
    assert "the-one" not in stored[0]


def test_one_waits_while_the_person_signs_in(ctx: Context, rosa: Any, signer: Application) -> None:
    token = signed(signer, jti="once", state="inside")
    query = {"client_id": "signer", "request": token}
    asked = rosa.client.get("/oidc/authorize", query_string=query)
    done = rosa.sign_in(asked.headers["Location"])
    answered = answer_of(rosa.client.get(done.headers["Location"]))
    assert "code" in answered
    assert answered["state"] == "inside"


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:1/x",
        "https://evil.example/request.jwt",
        "file:///etc/passwd",
        "urn:ietf:params:oauth:request_uri",
        "URN:ietf:params:oauth:request_uri:x",
        "gopher://x",
        "//x",
    ],
)
def test_AZ_25_no_address_is_ever_called(
    browser: Browser, signer: Application, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.create_connection", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    answered = answer_of(browser.authorize(signer, request_uri=uri))
    assert answered["error"] == "request_uri_not_supported"


def test_JW_05_monsters_are_refused_quickly(browser: Browser, signer: Application) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 6000).decode()
    long = base64.urlsafe_b64encode(json.dumps({"alg": "ES256", "x": "y" * 6000}).encode())
    for token in (f"{deep}.e30.x", f"{long.decode().rstrip('=')}.e30.AAAA", "a" * 9000):
        assert sent(browser, signer, token)["error"] == "invalid_request_object"
