"""A small OpenID provider over real HTTP that can also lie: what an honest one never sends.

It follows the standards by default. A test bends one answer, and the portal must notice.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from flask import Flask, Response, jsonify, redirect, request
from joserfc.jwk import ECKey, RSAKey
from werkzeug.serving import make_server

from portals.shared.clock import FixedClock
from tests.parts.ports import free_ports

EVENT = "http://schemas.openid.net/event/backchannel-logout"
IDLE, OVERALL = 900, 43200
KEYS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig", "alg": "RS256"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig", "alg": "ES256"}),
}
FOREIGN_KEY = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig", "alg": "RS256"})

Bend = Callable[[dict[str, Any]], None]


@dataclass
class SingleSignOn:
    """One person's session at the provider."""

    sid: str
    sub: str
    last_action_at: int
    overall_ends_at: int
    is_over: bool = False


@dataclass
class Code:
    """An authorization code and what it was issued for."""

    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str
    sid: str


@dataclass
class FakeProvider:
    """The provider's state, and the levers that tests pull."""

    clock: FixedClock
    port: int
    sso: SingleSignOn | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    acr: str = "urn:ncid:acr:aal2"
    amr: list[str] = field(default_factory=lambda: ["pwd", "otp", "mfa"])
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    reports: list[dict[str, str]] = field(default_factory=list)
    signed_out: list[dict[str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    is_down: bool = False
    access_seconds: int = 900
    bend_id_token: Bend = lambda _claims: None
    bend_answer: Bend = lambda _parameters: None
    bend_discovery: Bend = lambda _metadata: None
    sign: Callable[[dict[str, Any]], str] | None = None
    delay: Callable[[str], Response | None] = lambda _path: None

    @property
    def issuer(self) -> str:
        """Its address."""
        return f"http://localhost:{self.port}"

    def person(self, username: str, **more: Any) -> None:
        """Decide who is signed in next, with userinfo claims."""
        self.claims = {
            "sub": f"sub-{username}",
            "name": username.title(),
            "ncid": {"username": username, "account_type": "individual"},
            "access": [],
            **more,
        }

    def session(self) -> SingleSignOn:
        """Return the session at the provider, opening one when there is none."""
        if self.sso is None or self.sso.is_over:
            now = self.clock.now()
            sid = f"sid-{now}-{len(self.asked)}"
            self.sso = SingleSignOn(sid, self.claims["sub"], now, now + OVERALL)
        return self.sso

    def act(self) -> None:
        """The person does something elsewhere."""
        self.session().last_action_at = self.clock.now()

    def logout_token(self, audience: str, **changes: Any) -> str:
        """Return a right logout token; changes replace claims, and None removes one."""
        sso, now = self.session(), self.clock.now()
        header = {"alg": "RS256", "kid": "rsa-1", "typ": "logout+jwt"}
        header |= changes.pop("header", {})
        key = changes.pop("key", KEYS["RS256"])
        claims = {
            "iss": self.issuer,
            "aud": audience,
            "iat": now,
            "exp": now + 120,
            "jti": f"jti-{time.monotonic_ns()}",
            "events": {EVENT: {}},
            "sid": sso.sid,
            "sub": sso.sub,
            **changes,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return signed(kept, header, key)

    def id_token(self, code: Code, access_token: str) -> str:
        """Return the ID token for a code, bent as the test wants."""
        now, digest = self.clock.now(), hashlib.sha256(access_token.encode()).digest()
        claims = {
            "iss": self.issuer,
            "sub": self.claims["sub"],
            "aud": code.client_id,
            "azp": code.client_id,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": code.nonce,
            "acr": self.acr,
            "amr": self.amr,
            "sid": code.sid,
            "at_hash": base64.urlsafe_b64encode(digest[:16]).decode().rstrip("="),
        }
        self.bend_id_token(claims)
        if self.sign:
            return self.sign(claims)
        return signed(claims, {"alg": "RS256", "kid": "rsa-1"}, KEYS["RS256"])


def signed(claims: dict[str, Any], header: dict[str, Any], key: Any) -> str:
    """Sign by hand, so that also what a good library refuses to make can be sent."""
    kept = {name: value for name, value in header.items() if value is not None}
    content = f"{_part(kept)}.{_part(claims)}"
    return f"{content}.{_encoded(_signature(str(header['alg']), content.encode(), key))}"


def _signature(alg: str, content: bytes, key: Any) -> Any:
    match alg:
        case "RS256" | "RS512":
            digest = hashes.SHA256() if alg == "RS256" else hashes.SHA512()
            return key.private_key.sign(content, padding.PKCS1v15(), digest)
        case "PS256":
            salted = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
            return key.private_key.sign(content, salted, hashes.SHA256())
        case "ES256":
            der = key.private_key.sign(content, ec.ECDSA(hashes.SHA256()))
            return b"".join(number.to_bytes(32) for number in decode_dss_signature(der))
        case "HS256":
            return hmac.digest(key, content, "sha256")
        case _:
            return b""


def hmac_with_public_key(claims: dict[str, Any], **header: Any) -> str:
    """Return a token whose HMAC secret is the provider's public RSA key (JW-01)."""
    secret = KEYS["RS256"].as_pem(private=False)
    return signed(claims, {"alg": "HS256", "kid": "rsa-1", **header}, secret)


def _part(content: dict[str, Any]) -> str:
    return _encoded(json.dumps(content).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def application(provider: FakeProvider) -> Flask:
    """Return the provider's endpoints."""
    app = Flask("fake_provider")
    _add_documents(app, provider)
    _add_browser_endpoints(app, provider)
    _add_token_endpoint(app, provider)
    _add_bearer_endpoints(app, provider)
    return app


def _add_documents(app: Flask, provider: FakeProvider) -> None:

    @app.before_request
    def levers() -> Response | None:
        provider.calls.append(request.path)
        if provider.is_down:
            return Response("down", 503)
        return provider.delay(request.path)

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        at = f"{provider.issuer}/oidc"
        metadata: dict[str, Any] = {
            "issuer": provider.issuer,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "userinfo_endpoint": f"{at}/userinfo",
            "jwks_uri": f"{at}/jwks",
            "end_session_endpoint": f"{at}/end-session",
            "activity_endpoint": f"{at}/activity",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        }
        provider.bend_discovery(metadata)
        return jsonify(metadata)

    @app.get("/oidc/jwks")
    def jwks() -> Response:
        return jsonify(keys=[key.as_dict(private=False) for key in KEYS.values()])


def _add_browser_endpoints(app: Flask, provider: FakeProvider) -> None:
    @app.get("/oidc/authorize")
    def authorize() -> Any:
        asked = request.args.to_dict()
        provider.asked.append(asked)
        code, sso = f"code-{len(provider.asked)}", provider.session()
        provider.codes[code] = Code(
            asked["client_id"],
            asked["redirect_uri"],
            asked["code_challenge"],
            asked["nonce"],
            sso.sid,
        )
        answer: dict[str, Any] = {"code": code, "state": asked["state"], "iss": provider.issuer}
        provider.bend_answer(answer)
        kept = {name: value for name, value in answer.items() if value}
        return redirect(f"{asked['redirect_uri']}?{urlencode(kept)}", 303)

    @app.get("/oidc/end-session")
    def end_session() -> Any:
        asked = request.args.to_dict()
        provider.signed_out.append(asked)
        provider.session().is_over = True
        query = urlencode({"state": asked["state"]})
        return redirect(f"{asked['post_logout_redirect_uri']}?{query}", 303)


def _add_token_endpoint(app: Flask, provider: FakeProvider) -> None:
    @app.post("/oidc/token")
    def token() -> Any:
        credentials = request.authorization
        if credentials is None or credentials.password != "a-secret":
            return jsonify(error="invalid_client"), 401
        form = request.form
        if form["grant_type"] == "refresh_token":
            return _refreshed(provider, form["refresh_token"])
        code = provider.codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if code is None or code.challenge != challenge or code.redirect_uri != form["redirect_uri"]:
            return jsonify(error="invalid_grant"), 400
        return _token_answer(provider, code)


def _add_bearer_endpoints(app: Flask, provider: FakeProvider) -> None:
    @app.get("/oidc/userinfo")
    def userinfo() -> Any:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        sid = provider.tokens.get(bearer)
        if provider.sso is None or sid != provider.sso.sid or provider.sso.is_over:
            return jsonify(error="invalid_token"), 401
        return jsonify(provider.claims)

    @app.post("/oidc/activity")
    def activity() -> Any:
        if request.authorization is None or request.authorization.password != "a-secret":
            return jsonify(error="invalid_client"), 401
        report, sso, now = request.form.to_dict(), provider.sso, provider.clock.now()
        provider.reports.append(report)
        if sso is None or sso.sid != report["sid"] or sso.is_over:
            return jsonify(active=False)
        if now >= min(sso.last_action_at + IDLE, sso.overall_ends_at):
            sso.is_over = True
            return jsonify(active=False)
        sso.last_action_at = max(sso.last_action_at, int(report.get("acted_at", 0)))
        ends = min(sso.last_action_at + IDLE, sso.overall_ends_at)
        return jsonify(active=True, idle_ends_at=ends, overall_ends_at=sso.overall_ends_at)


def _token_answer(provider: FakeProvider, code: Code) -> Response:
    number = len(provider.tokens) + 1
    access, refresh = f"access-{number}", f"refresh-{number}"
    provider.tokens[access] = code.sid
    provider.refresh_tokens[refresh] = json.dumps(code.__dict__)
    return jsonify(
        access_token=access,
        refresh_token=refresh,
        token_type="Bearer",
        expires_in=provider.access_seconds,
        id_token=provider.id_token(code, access),
    )


def _refreshed(provider: FakeProvider, token: str) -> Any:
    """A refresh token works once: used twice, it ends everything (RFC 9700 section 4.14.2)."""
    kept = provider.refresh_tokens.pop(token, None)
    if kept is None or provider.session().is_over:
        provider.refresh_tokens.clear()
        return jsonify(error="invalid_grant"), 400
    return _token_answer(provider, Code(**json.loads(kept)))


@contextmanager
def serving(app: Flask, port: int) -> Iterator[None]:
    """Serve an application on a port of this machine until the `with` ends."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def running(clock: FixedClock) -> Iterator[FakeProvider]:
    """Run a provider on a free port."""
    provider = FakeProvider(clock, free_ports(1))
    provider.person("rrecipient")
    with serving(application(provider), provider.port):
        yield provider
