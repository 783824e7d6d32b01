"""What every relying party of these tests has: a registration, keys, a place, and a person."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey

from tests.oidc.certification.listener import Arrival, Listener
from tests.parts.authenticator import Authenticator
from tests.parts.browserless import Answer, Visitor
from tests.parts.provider import Provider, running_provider

SCOPE = "openid profile email offline_access"
_STEPS = 8
_PEOPLE = count()


@dataclass
class RelyingParty:
    """A registered client with its private key, and the browser of its one user."""

    provider: Provider
    listener: Listener
    client_id: str
    visitor: Visitor
    secret: str | None = None
    key: dict[str, Any] | None = None
    app: Authenticator = field(init=False)
    person: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        # A code of the app works once in its half minute, so each party has a person of its own.
        accounts = self.provider.accounts()
        self.person = accounts[sorted(accounts)[next(_PEOPLE) % len(accounts)]]
        self.app = Authenticator(self.person["totp_secret"], self.provider.now)

    @property
    def redirect_uri(self) -> str:
        """Where a sign-in ends."""
        return f"{self.listener.url}/callback"

    @property
    def post_logout_redirect_uri(self) -> str:
        """Where a sign-out ends."""
        return f"{self.listener.url}/signed-out"

    @property
    def settings(self) -> dict[str, Any]:
        """What a relying party's program is told."""
        return {
            "issuer": self.provider.url,
            "client_id": self.client_id,
            "client_secret": self.secret,
            "key": self.key,
            "alg": "RS256",
            "redirect_uri": self.redirect_uri,
            "post_logout_redirect_uri": self.post_logout_redirect_uri,
            "scope": SCOPE,
        }

    def browse(self, address: str) -> Arrival:
        """Open an address, sign in and allow where asked; return what reached the party."""
        answer = self.visitor.open(address)
        for _ in range(_STEPS):
            if answer.url.startswith(self.listener.url):
                return self.listener.arrivals[-1]
            answer = self.act(answer)
        raise AssertionError(f"no way through {answer.url}: {answer.text[:600]}")

    def came_back(self, arrival: Arrival) -> str:
        """Return the whole address of an arrival, as a library wants to see it."""
        return str(self.visitor.client.build_request(
            "GET", f"{self.listener.url}{arrival.path}", params=arrival.query
        ).url)  # fmt: skip

    def act(self, answer: Answer) -> Answer:
        """Do what a page of the provider asks for."""
        if answer.path == "/sign-in":
            typed = {"username": self.person["username"], "password": self.person["password"]}
            return answer.submit(typed)
        if answer.path == "/sign-in/mfa":
            return answer.submit({"code": self.app.code()}, button="Continue")
        if answer.path == "/oidc/consent":
            return answer.submit(button="Allow")
        raise AssertionError(f"{answer.url}: {answer.text[:600]}")


@contextmanager
def running_party_place(folder: Path) -> Iterator[tuple[Provider, Listener]]:
    """Run a provider that may call the relying parties of these tests."""
    listener = Listener()
    extra = {"IDP_BACKCHANNEL_HOSTS": json.dumps([listener.place])}
    try:
        with running_provider(folder, has_clients=False, extra=extra) as provider:
            yield provider, listener
    finally:
        listener.stop()


def register(
    provider: Provider, listener: Listener, visitor: Visitor, client_id: str, **changes: Any
) -> RelyingParty:
    """Register a client; with private_key_jwt it gets a key of its own."""
    metadata: dict[str, Any] = {
        "client_id": client_id,
        "client_name": "Interop",
        "redirect_uris": [f"{listener.url}/callback"],
        "post_logout_redirect_uris": [f"{listener.url}/signed-out"],
        "backchannel_logout_uri": f"{listener.url}/backchannel_logout",
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": SCOPE,
    } | changes
    key = None
    if metadata.get("token_endpoint_auth_method") == "private_key_jwt":
        made = ECKey.generate_key("P-256", {"kid": f"{client_id}-1", "alg": "ES256", "use": "sig"})
        key = made.as_dict(private=True)
        metadata["jwks"] = {"keys": [made.as_dict(private=False)]}
    printed = json.loads(provider.idp("clients", "register", "--json", stdin=json.dumps(metadata)))
    return RelyingParty(provider, listener, client_id, visitor, printed.get("client_secret"), key)
