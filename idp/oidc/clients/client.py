"""A client as the endpoints see it: a value read from its row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Client:
    """What was registered; version changes with every change of the registration."""

    client_id: str
    names: Mapping[str, str]
    client_uri: str | None
    secret_hash: str | None
    auth_method: str
    grant_types: frozenset[str]
    redirect_uris: frozenset[str]
    post_logout_redirect_uris: frozenset[str]
    backchannel_logout_uri: str | None
    initiate_login_uri: str | None
    scopes: frozenset[str]
    signing_alg: str
    default_acr_values: tuple[str, ...]
    requires_pkce: bool
    is_first_party: bool
    reports_activity: bool
    version: int
    frontchannel_logout_uri: str | None = None
    # OpenID Connect wants one where PKCE is missing; the official suite sends neither.
    requires_nonce: bool = True
    machine_scopes: frozenset[str] = frozenset()
    auth_signing_alg: str | None = None
    userinfo_signing_alg: str | None = None
    resources: frozenset[str] = frozenset()
    serves: frozenset[str] = frozenset()
    is_native: bool = False
    is_pairwise: bool = False
    jwks: Mapping[str, Any] | None = None
    request_object_alg: str | None = None
    requires_pushed: bool = False
    authorization_details_types: frozenset[str] = frozenset()

    @property
    def is_public(self) -> bool:
        """Whether the client cannot prove itself (RFC 6749 §2.1)."""
        return self.auth_method == "none"

    @property
    def origins(self) -> frozenset[str]:
        """The origins of its redirection URIs: what its own pages in browsers are loaded from."""
        return origins_of(self.redirect_uris)

    @property
    def restart_uri(self) -> str | None:
        """Where a person who is stuck starts over at the application."""
        return self.initiate_login_uri or self.client_uri

    def name(self, language: str) -> str:
        """Return the name that people see, in English where no other was registered."""
        return self.names.get(language) or self.names["en"]


def origins_of(addresses: Iterable[str]) -> frozenset[str]:
    """Return the origins of addresses (RFC 6454 §4)."""
    parts = (urlsplit(address) for address in addresses)
    return frozenset(f"{part.scheme}://{part.netloc}" for part in parts)
