"""The suite's side of a module: its clients, its browser, and what it always looks at.

JWTs are checked with PyJWT, which the provider does not use.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt

from tests.oidc.certification.listener import Arrival, Listener
from tests.parts.browserless import Answer, Visitor
from tests.parts.html import Element
from tests.parts.provider import Provider

USERNAME = "conformance"
ALIAS = "ncid"
_STEPS = 12
Claims = dict[str, Any]


@dataclass(frozen=True)
class SuiteClient:
    """One of the suite's static clients."""

    client_id: str
    secret: str
    method: str = "client_secret_basic"


@dataclass
class Landed:
    """Where a browser came to rest after an authorization or logout request.

    arrival: what reached the suite, None when the browser stayed with the provider. pages: the
    paths of the provider's pages that had to be answered on the way.
    """

    arrival: Arrival | None
    answer: Answer
    pages: list[str]

    @property
    def parameters(self) -> dict[str, str]:
        """The answer's parameters, from the query or the posted form."""
        assert self.arrival, f"stayed at {self.answer.url}: {self.answer.text[:400]}"
        return self.arrival.body if self.arrival.method == "POST" else self.arrival.query

    @property
    def asked_to_sign_in(self) -> bool:
        """Whether the person had to type a password."""
        return "/sign-in" in self.pages


@dataclass
class Flow:
    """A complete authorization: request, answer, tokens, and the checked ID token."""

    request: dict[str, str]
    landed: Landed
    tokens: dict[str, Any]
    claims: Claims


@dataclass
class Suite:
    """Everything a module needs."""

    provider: Provider
    listener: Listener
    password: str
    clients: dict[str, SuiteClient]
    http: httpx.Client
    response_mode: str | None = None
    base: str = field(init=False)

    def __post_init__(self) -> None:
        self.base = f"{self.listener.url}/test/a/{ALIAS}"

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """The discovery document."""
        address = f"{self.provider.url}/.well-known/openid-configuration"
        found: dict[str, Any] = self.get(address).json()
        return found

    @property
    def client(self) -> SuiteClient:
        """The client that most modules use."""
        return self.clients["client"]

    def get(self, address: str) -> httpx.Response:
        """Read an address."""
        return self.http.get(address)

    def call(self, method: str, endpoint: str, **options: Any) -> httpx.Response:
        """Call an endpoint of the discovery document."""
        return self.http.request(method, self.metadata[endpoint], **options)

    def request(self, client: SuiteClient | None = None, **changes: str | None) -> dict[str, str]:
        """Return what every authorization request of the suite holds, with changes."""
        usual: dict[str, str | None] = {
            "client_id": (client or self.client).client_id,
            "redirect_uri": f"{self.base}/callback",
            "scope": "openid",
            "state": secrets.token_urlsafe(8)[:10],
            "nonce": secrets.token_urlsafe(8)[:10],
            "response_type": "code",
            "response_mode": self.response_mode,
        }
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def authorize(
        self, visitor: Visitor, request: dict[str, str], *, method: str = "GET"
    ) -> Landed:
        """Send a browser to the authorization endpoint and answer the pages it is shown."""
        since = len(self.listener.arrivals)
        address = self.metadata["authorization_endpoint"]
        if method == "POST":
            answer = visitor.send("POST", address, request, came_from=f"{self.base}/start")
        else:
            answer = visitor.open(f"{address}?{urlencode(request)}")
        return self._walk(answer, since)

    def _walk(self, answer: Answer, since: int) -> Landed:
        pages: list[str] = []
        for _ in range(_STEPS):
            if answer.url.startswith(self.listener.url):
                return Landed(self.listener.arrivals[-1], answer, pages)
            act = self._act(answer)
            if act is None:
                return Landed(None, answer, pages)
            pages.append(answer.path)
            answer = act(answer)
        raise AssertionError(f"no end of pages: {pages}, {len(self.listener.arrivals) - since}")

    def _act(self, answer: Answer) -> Callable[[Answer], Answer] | None:
        """Return what the suite's browser does on a page, None where it stops and looks."""
        if answer.path == "/sign-in":
            typed = {"username": USERNAME, "password": self.password}
            return lambda page: page.submit(typed)
        if answer.path == "/oidc/consent":
            return lambda page: page.submit(button="Allow")
        if answer.path == "/oidc/select-account":
            return lambda page: page.submit(button="Continue as")
        is_form_post = any(form.action.startswith(self.listener.url) for form in answer.forms)
        return (lambda page: page.submit(button="Continue")) if is_form_post else None

    def check_answer(self, landed: Landed, request: dict[str, str]) -> dict[str, str]:
        """Check an answer of the authorization endpoint; return its parameters."""
        parameters = landed.parameters
        assert landed.arrival
        if request.get("response_mode") == "form_post":
            assert landed.arrival.method == "POST"
            assert landed.arrival.content_type.startswith("application/x-www-form-urlencoded")
            assert not landed.arrival.query
        else:
            assert landed.arrival.method == "GET"
        assert parameters.get("state") == request.get("state")
        assert parameters["iss"] == self.metadata["issuer"]
        return parameters

    def check_error(self, landed: Landed, request: dict[str, str]) -> str:
        """Check an error of the authorization endpoint; return its code."""
        parameters = self.check_answer(landed, request)
        known = {"error", "error_description", "error_uri", "state", "iss"}
        assert set(parameters) <= known, parameters
        return parameters["error"]

    def token(self, client: SuiteClient | None = None, **form: str) -> httpx.Response:
        """Send a token request with the client's own proof."""
        who = client or self.client
        if who.method == "client_secret_post":
            form |= {"client_id": who.client_id, "client_secret": who.secret}
            return self.call("POST", "token_endpoint", data=form)
        proof = base64.b64encode(f"{who.client_id}:{who.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {proof}"}
        return self.call("POST", "token_endpoint", data=form, headers=headers)

    def redeem(self, code: str, client: SuiteClient | None = None, **more: str) -> httpx.Response:
        """Exchange a code."""
        callback = f"{self.base}/callback"
        return self.token(
            client, grant_type="authorization_code", code=code, redirect_uri=callback, **more
        )

    def flow(
        self,
        visitor: Visitor,
        client: SuiteClient | None = None,
        *,
        method: str = "GET",
        verifier: str | None = None,
        **changes: str | None,
    ) -> Flow:
        """Go through a whole authorization as nearly every module does."""
        request = self.request(client, **changes)
        landed = self.authorize(visitor, request, method=method)
        answered = self.check_answer(landed, request)
        assert "error" not in answered, answered
        more = {"code_verifier": verifier} if verifier else {}
        response = self.redeem(answered["code"], client, **more)
        tokens = self.check_tokens(response)
        claims = self.check_id_token(tokens, request)
        self.userinfo(tokens["access_token"], claims)
        return Flow(request, landed, tokens, claims)

    def check_tokens(self, response: httpx.Response) -> dict[str, Any]:
        """Check a token answer (RFC 6749 section 5.1) and return it."""
        assert response.status_code == 200, response.text
        assert response.headers["Content-Type"].startswith("application/json")
        assert response.headers["Cache-Control"] == "no-store"
        tokens: dict[str, Any] = response.json()
        assert tokens["token_type"].lower() == "bearer"
        assert isinstance(tokens["expires_in"], int)
        assert len(tokens["access_token"]) > 20
        return tokens

    def check_id_token(self, tokens: dict[str, Any], request: dict[str, str]) -> Claims:
        """Check an ID token as OpenID Connect Core section 3.1.3.7 asks; return its claims."""
        claims = self.verified(tokens["id_token"], request["client_id"])
        now = self.provider.now().timestamp()
        assert now - 30 < claims["iat"] <= now + 1 < claims["exp"]
        assert claims["aud"] == request["client_id"]
        assert claims.get("nonce") == request.get("nonce")
        half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
        assert claims["at_hash"] == base64.urlsafe_b64encode(half).decode().rstrip("=")
        assert claims["sub"]
        return claims

    def verified(self, token: str, audience: str) -> Claims:
        """Verify a JWT of the provider with the keys it publishes."""
        header = jwt.get_unverified_header(token)
        assert header["alg"] in self.metadata["id_token_signing_alg_values_supported"]
        keys = jwt.PyJWKSet.from_dict(self.call("GET", "jwks_uri").json())
        # Times are compared with the clock of the provider, which tests move.
        options: Any = {"require": ["iss", "sub", "aud", "exp", "iat"], "verify_exp": False}
        claims: Claims = jwt.decode(
            token,
            keys[header["kid"]].key,
            algorithms=[header["alg"]],
            audience=audience,
            issuer=self.metadata["issuer"],
            options=options | {"verify_iat": False},
        )
        return claims

    def userinfo(self, access_token: str, claims: Claims) -> Claims:
        """Ask for userinfo and compare its sub with the ID token's (Core section 5.3.2)."""
        response = self.bearer("GET", access_token)
        assert response.status_code == 200, response.text
        said: Claims = response.json()
        assert said["sub"] == claims["sub"]
        return said

    def bearer(self, method: str, access_token: str) -> httpx.Response:
        """Call userinfo with the token in the header."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.call(method, "userinfo_endpoint", headers=headers)

    def end_session(self, visitor: Visitor, **parameters: str) -> Landed:
        """Send a browser to the end-session endpoint; pages are left as they are."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        answer = visitor.open(f"{self.metadata['end_session_endpoint']}{query}")
        is_away = answer.url.startswith(self.listener.url)
        return Landed(self.listener.arrivals[-1] if is_away else None, answer, [])


def frames(answer: Answer) -> list[Element]:
    """Return the frames of a page."""
    return list(answer.document.all("iframe"))


def unsigned(claims: Claims) -> str:
    """Return a JWT without a signature."""
    head, body = ({"alg": "none"}, claims)
    pieces = (base64.urlsafe_b64encode(json.dumps(one).encode()) for one in (head, body))
    return ".".join(piece.decode().rstrip("=") for piece in pieces) + "."
