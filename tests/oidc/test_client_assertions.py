"""private_key_jwt (security.md, TK-18 and JW): RFC 7523 with the issuer as audience."""

import base64
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.oidc.replays import service as replays
from tests.oidc import story
from tests.oidc.story import Application, Browser, SigningKey
from tests.parts.application import ISSUER, START, on_both_databases

NOW = int(START.timestamp())


def register(
    ctx: Context, key: SigningKey, client_id: str = "signer", **changes: Any
) -> Application:
    made = story.register(
        ctx, client_id, token_endpoint_auth_method="private_key_jwt", jwks=key.jwks, **changes
    )
    made.key = key
    return made


@pytest.fixture
def key() -> SigningKey:
    return SigningKey.make()


@pytest.fixture
def signer(ctx: Context, key: SigningKey) -> Application:
    return register(ctx, key)


def ask(client: FlaskClient, signed: str, **more: str) -> tuple[int, str]:
    """Show an assertion together with a code that is none; the proof is what is asked for."""
    form = {"grant_type": "authorization_code", "code": "x"} | story.assertion(signed) | more
    response = client.post("/oidc/token", data=form)
    return response.status_code, response.get_json()["error"]


PROVEN = (400, "invalid_grant")
NOT_PROVEN = (401, "invalid_client")


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
def test_a_client_proves_itself_with_its_key(ctx: Context, browser: Browser, alg: str) -> None:
    one = register(ctx, SigningKey.make(alg), "one")
    assert one.secret is None
    tokens = browser.tokens(one)
    assert one.refresh(browser.client, tokens["refresh_token"]).status_code == 200


def test_every_sound_assertion_is_taken(
    client: FlaskClient, signer: Application, key: SigningKey
) -> None:
    sound: list[dict[str, Any]] = [
        {},
        {"iat": None},
        {"nbf": NOW},
        {"aud": [ISSUER]},
        {"exp": NOW + 3600},
        {"iat": NOW + 30, "exp": NOW + 330},
        {"exp": NOW + 60.5},
    ]
    for changes in sound:
        assert ask(client, key.assertion("signer", **changes)) == PROVEN, changes
    assert ask(client, key.assertion("signer"), client_id="signer") == PROVEN


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": None},
        {"aud": f"{ISSUER}/oidc/token"},
        {"aud": f"{ISSUER}/"},
        {"aud": [ISSUER, "https://other.example"]},
        {"aud": []},
        {"aud": {"x": ISSUER}},
        {"exp": None},
        {"exp": NOW},
        {"exp": NOW - 1},
        {"exp": NOW + 3631},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1e400},
        {"iat": NOW + 31},
        {"iat": NOW - 3631},
        {"iat": "x"},
        {"nbf": NOW + 31},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
        {"jti": "x" * 257},
        {"iss": "other"},
        {"iss": None},
        {"sub": None},
        {"sub": "nobody", "iss": "nobody"},
        {"sub": 5, "iss": 5},
    ],
)
def test_an_assertion_that_says_the_wrong_thing_proves_nothing(
    client: FlaskClient, signer: Application, key: SigningKey, changes: dict[str, Any]
) -> None:
    assert ask(client, key.assertion("signer", **changes)) == NOT_PROVEN


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "oauth-authz-req+jwt", 5])
def test_a_jwt_of_another_kind_proves_nothing(
    client: FlaskClient, signer: Application, key: SigningKey, typ: Any
) -> None:
    claims = jwt.decode(key.assertion("signer"), options={"verify_signature": False})
    assert ask(client, key.sign(claims, typ=typ)) == NOT_PROVEN
    assert ask(client, key.sign(claims, typ="client-authentication+jwt")) == PROVEN


@on_both_databases
def test_TK_18_an_assertion_is_used_once(
    client: FlaskClient, signer: Application, key: SigningKey, clock: FixedClock
) -> None:
    signed = key.assertion("signer", exp=NOW + 300)
    assert ask(client, signed) == PROVEN
    assert ask(client, signed) == NOT_PROVEN
    clock.advance(299)
    assert ask(client, signed) == NOT_PROVEN


@on_both_databases
def test_TK_18_an_assertion_shown_many_times_at_once_is_used_once(
    app: Flask, ctx: Context, signer: Application, key: SigningKey
) -> None:
    signed = key.assertion("signer")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(app.test_client(), signed), range(16)))
    assert answers.count(PROVEN) == 1
    assert answers.count(NOT_PROVEN) == 15


def test_TK_18_what_is_no_proof_uses_nothing_up(
    client: FlaskClient, signer: Application, key: SigningKey
) -> None:
    stranger = SigningKey.make()
    assert ask(client, stranger.assertion("signer", jti="the-one")) == NOT_PROVEN
    assert ask(client, key.assertion("signer", jti="the-one")) == PROVEN


def test_used_identifiers_are_forgotten_when_they_have_ended(
    ctx: Context, client: FlaskClient, signer: Application, key: SigningKey, clock: FixedClock
) -> None:
    ask(client, key.assertion("signer"))
    assert replays.forget_expired(ctx) == 0
    clock.advance(61)
    assert replays.forget_expired(ctx) == 1
    assert ctx.db.execute(text("SELECT count(*) FROM oidc_used_jti")).scalar() == 0


def test_JW_01_only_the_registered_key_with_its_own_algorithm_proves(
    ctx: Context, client: FlaskClient
) -> None:
    key = SigningKey.make("RS256")
    register(ctx, key)
    claims = jwt.decode(key.assertion("signer"), options={"verify_signature": False})
    pem = key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    forged = [
        jwt.encode(claims, "", "none"),
        _unsigned(claims, "NoNe"),
        _hmac(claims, pem),
        SigningKey.make("RS256").sign(claims),
        SigningKey.make("ES256").sign(claims),
        key.sign(claims, kid="another"),
        key.sign(claims, crit=["exp"]),
        key.sign(claims)[:-8] + "AAAAAAAA",
    ]
    for signed in forged:
        assert ask(client, signed) == NOT_PROVEN
    assert ask(client, key.sign(claims)) == PROVEN


def test_a_client_keeps_to_the_algorithm_it_registered(ctx: Context, client: FlaskClient) -> None:
    key = SigningKey.make("RS256")
    register(ctx, key, token_endpoint_auth_signing_alg="ES256")
    assert ask(client, key.assertion("signer")) == NOT_PROVEN


def test_a_client_with_a_secret_cannot_use_a_key_nor_the_other_way_round(
    ctx: Context, client: FlaskClient, key: SigningKey, signer: Application
) -> None:
    story.register(ctx, "secretive", jwks=key.jwks)
    assert ask(client, key.assertion("secretive")) == NOT_PROVEN
    form = {"grant_type": "authorization_code", "code": "x", "client_id": "signer"}
    for secret in ({}, {"client_secret": "x"}):
        assert client.post("/oidc/token", data=form | secret).status_code == 401


def test_one_way_of_proof_in_a_request(
    client: FlaskClient, portal: Application, signer: Application, key: SigningKey
) -> None:
    form = {"grant_type": "authorization_code", "code": "x"}
    signed = story.assertion(key.assertion("signer"))
    both = client.post("/oidc/token", data=form | signed, headers=portal.basic())
    assert (both.status_code, both.get_json()["error"]) == (400, "invalid_request")
    both = client.post("/oidc/token", data=form | signed | {"client_secret": "x"})
    assert (both.status_code, both.get_json()["error"]) == (400, "invalid_request")
    assert ask(client, key.assertion("signer"), client_id="portal") == NOT_PROVEN
    for broken in (
        {"client_assertion": key.assertion("signer")},
        {"client_assertion_type": signed["client_assertion_type"]},
        signed | {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2"},
    ):
        assert client.post("/oidc/token", data=form | broken).status_code == 401


@pytest.mark.parametrize(
    "signed",
    [
        "", ".", "..", "a.b.c", "e30.e30.", "W10.W10.x", "e30.e30.e30.e30", "ü.ü.ü", "\x00",
        "eyJhbGciOiJFUzI1NiJ9..x", "x" * 15_000,
    ],
)  # fmt: skip
def test_JW_05_what_is_no_jwt_is_refused(
    client: FlaskClient, signer: Application, signed: str
) -> None:
    assert ask(client, signed) == NOT_PROVEN


def test_JW_05_deep_and_large_jwts_are_refused_fast(client: FlaskClient) -> None:
    deep = b'{"sub":"signer","iss":"signer","x":' + b"[" * 5000 + b"]" * 5000 + b"}"
    header = _part(b'{"alg":"ES256"}')
    began = time.perf_counter()
    assert ask(client, f"{header}.{_part(deep)}.AAAA") == NOT_PROVEN
    huge = client.post("/oidc/token", data=story.assertion("a" * 1_000_000))
    assert huge.status_code in {400, 413}
    assert time.perf_counter() - began < 0.5


def test_TK_26_an_unknown_client_gets_the_same_answer_and_costs_a_verification(
    client: FlaskClient, signer: Application, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    from idp.oidc import jwts  # noqa: PLC0415

    real = jwts.verified

    def counted(token: str, keys: Any, algorithms: Any) -> Any:
        seen.append(len(list(keys)))
        return real(token, keys, algorithms)

    monkeypatch.setattr(jwts, "verified", counted)
    assert ask(client, key.assertion("nobody")) == NOT_PROVEN
    assert ask(client, SigningKey.make().assertion("signer")) == NOT_PROVEN
    assert len(seen) == 2
    assert all(seen)


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _unsigned(claims: dict[str, Any], alg: str) -> str:
    header = json.dumps({"alg": alg, "typ": "JWT"}).encode()
    return f"{_part(header)}.{_part(json.dumps(claims).encode())}."


def _hmac(claims: dict[str, Any], key: bytes) -> str:
    header = _part(json.dumps({"alg": "HS256"}).encode())
    signed = f"{header}.{_part(json.dumps(claims).encode())}"
    return f"{signed}.{_part(hmac.digest(key, signed.encode(), 'sha256'))}"
