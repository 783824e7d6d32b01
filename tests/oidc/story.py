"""What the tests of the provider tell stories with: an application, a person, a browser."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc.clients import service as clients
from idp.oidc.clients.registration import Registration
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account, Details
from idp.people.sessions import service as sessions
from idp.people.sessions.service import CurrentSession
from tests.parts.application import ISSUER, START

CALLBACK = "http://localhost:9001/callback"
SIGNED_OUT = "http://localhost:9001/signed-out"
EVERY_SCOPE = "openid profile email phone address ncid access"


@dataclass(frozen=True)
class SigningKey:
    """A key of an application, made and used by a library that the provider does not use."""

    alg: str
    private: Any
    kid: str = "a-key"

    @classmethod
    def make(cls, alg: str = "ES256", kid: str = "a-key") -> "SigningKey":
        makers: dict[str, Any] = {
            "RS256": lambda: rsa.generate_private_key(65537, 2048),
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate,
        }
        return cls(alg, makers[alg](), kid)

    @property
    def jwks(self) -> dict[str, Any]:
        public = jwt.get_algorithm_by_name(self.alg).to_jwk(self.private.public_key(), as_dict=True)
        return {"keys": [public | {"kid": self.kid, "use": "sig", "alg": self.alg}]}

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        """Sign whatever is given, also what a library would not let a client say."""
        payload, headers = json.dumps(claims).encode(), {"kid": self.kid} | header
        return jwt.PyJWS().encode(payload, self.private, self.alg, headers)

    def assertion(self, client_id: str, moment: datetime = START, **changes: Any) -> str:
        """A client assertion (RFC 7523); None leaves a claim out."""
        usual = {
            "iss": client_id,
            "sub": client_id,
            "aud": ISSUER,
            "iat": int(moment.timestamp()),
            "exp": int(moment.timestamp()) + 60,
            "jti": secrets.token_urlsafe(16),
        }
        claims = {name: value for name, value in (usual | changes).items() if value is not None}
        return self.sign(claims)


def assertion(signed: str) -> dict[str, str]:
    """The parameters that carry a client assertion."""
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {"client_assertion_type": kind, "client_assertion": signed}


@dataclass
class Application:
    """A registered application, and what it sends."""

    client_id: str
    secret: str | None
    redirect_uri: str = CALLBACK
    auth_method: str = "client_secret_basic"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    key: SigningKey | None = None

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def request(self, **changes: str | None) -> dict[str, str]:
        """The parameters of an authorization request; None leaves one out."""
        usual: dict[str, str | None] = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "openid",
            "state": "a state / with ümlauts & more",
            "nonce": "a-nonce",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def basic(self) -> dict[str, str]:
        pair = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}

    def redeem(self, browser: FlaskClient, code: str, **changes: str | None) -> TestResponse:
        """Exchange a code as the application does."""
        usual: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }
        return self.post(browser, "/oidc/token", usual | changes)

    def refresh(self, browser: FlaskClient, token: str, **changes: str | None) -> TestResponse:
        """Exchange a refresh token."""
        usual: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": token}
        return self.post(browser, "/oidc/token", usual | changes)

    def post(self, browser: FlaskClient, path: str, form: dict[str, str | None]) -> TestResponse:
        sent = {name: value for name, value in form.items() if value is not None}
        if self.auth_method == "private_key_jwt" and self.key:
            return browser.post(path, data=sent | assertion(self.key.assertion(self.client_id)))
        if self.auth_method == "client_secret_basic":
            return browser.post(path, data=sent, headers=self.basic())
        sent["client_id"] = self.client_id
        if self.secret is not None:
            sent["client_secret"] = self.secret
        return browser.post(path, data=sent)


def register(ctx: Context, client_id: str = "portal", **changes: Any) -> Application:
    """Register an application; changes are keys of a registration."""
    usual: dict[str, Any] = {
        "client_id": client_id,
        "client_name": "A Portal",
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [SIGNED_OUT],
        "scope": EVERY_SCOPE,
        "grant_types": ["authorization_code", "refresh_token"],
        "first_party": True,
        "reports_activity": True,
    }
    registration = Registration.model_validate(usual | changes)
    added = clients.add(ctx, registration)
    assert isinstance(added, clients.Added), added
    return Application(
        client_id,
        added.secret,
        next(iter(registration.redirect_uris), ""),
        registration.token_endpoint_auth_method,
    )


def person(ctx: Context, username: str = "rrecipient") -> Account:
    """Create an account that may enter applications."""
    details = Details("individual", username, "Rosa", "Recipient", f"{username}@example.org")
    with writing(ctx.db):
        account = accounts.create(ctx, details, state="active", verified=True)
        assert isinstance(account, Account)
        accounts.accept_terms(ctx, account.id, ctx.policies.accounts.terms_version)
    return account


def sign_in(ctx: Context, app: Flask, account: Account, **changes: Any) -> "Browser":
    """Open a session for a person and return the browser that has its cookie."""
    facts: dict[str, Any] = {
        "amr": ["pwd", "otp", "mfa"],
        "auth_time": ctx.now(),
        "factor_time": ctx.now(),
    }
    with writing(ctx.db):
        opened = sessions.open_session(ctx, account, **(facts | changes))
    client = app.test_client()
    client.set_cookie("idp", opened.secret, domain="localhost")
    return Browser(client, opened.session)


@dataclass
class Browser:
    """A browser of somebody who is signed in."""

    client: FlaskClient
    session: CurrentSession

    def authorize(self, application: Application, **changes: str | None) -> TestResponse:
        return self.client.get("/oidc/authorize", query_string=application.request(**changes))

    def code(self, application: Application, **changes: str | None) -> str:
        """Go through an authorization that shows no page; return its code."""
        answered = answer_of(self.authorize(application, **changes))
        assert "code" in answered, answered
        return answered["code"]

    def tokens(self, application: Application, **changes: str | None) -> dict[str, Any]:
        """Authorize and redeem; return the token answer."""
        response = application.redeem(self.client, self.code(application, **changes))
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.get_json()
        return found

    def userinfo(self, access_token: str) -> TestResponse:
        return self.client.get(
            "/oidc/userinfo", headers={"Authorization": f"Bearer {access_token}"}
        )


def answer_of(response: TestResponse) -> dict[str, str]:
    """The parameters that a redirect gives to the application."""
    assert response.status_code == 303, (response.status_code, response.text)
    location = urlsplit(response.headers["Location"])
    assert location.netloc == urlsplit(CALLBACK).netloc, location
    pairs = parse_qsl(location.query, keep_blank_values=True, strict_parsing=True)
    assert len(pairs) == len(dict(pairs)), "a parameter came twice"
    return dict(pairs)


def claims_of(
    client: FlaskClient, token: str, audience: str, algorithms: Iterable[str] = ("RS256",)
) -> dict[str, Any]:
    """Verify a token of ours as an application would, with a library that we do not use."""
    keys = jwt.PyJWKSet.from_dict(client.get("/oidc/jwks").get_json())
    kid = jwt.get_unverified_header(token)["kid"]
    options: Any = {"verify_exp": False, "verify_iat": False}
    decoded: dict[str, Any] = jwt.decode(
        token,
        keys[kid].key,
        algorithms=list(algorithms),
        audience=audience,
        issuer=ISSUER,
        options=options,
    )
    return decoded


def half_hash(token: str, alg: str = "RS256") -> str:
    """The left half of a token's hash, as an ID token's at_hash has it."""
    whole = (hashlib.sha512 if alg == "EdDSA" else hashlib.sha256)(token.encode()).digest()
    return base64.urlsafe_b64encode(whole[: len(whole) // 2]).decode().rstrip("=")


def is_refusal_page(response: TestResponse, *forbidden: str) -> bool:
    """A page of the provider that sends nothing anywhere and does not repeat an address."""
    assert "Location" not in response.headers
    assert response.mimetype == "text/html"
    assert not [text for text in forbidden if text in response.text]
    return response.status_code == 400


def location_query(response: TestResponse) -> dict[str, list[str]]:
    return parse_qs(urlsplit(response.headers["Location"]).query)


def encoded(parameters: dict[str, str]) -> str:
    return urlencode(parameters)
