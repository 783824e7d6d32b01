"""Each JSON endpoint in a few words: what it is for, what it takes, what it answers.

The addresses and methods are those of the application's own routes; a test fails on an endpoint for
programs that is missing here. Parameters are named by the code that reads them where it has a list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

ERROR = "Error"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_COMMON = {400: ERROR, 401: ERROR, 429: ERROR}


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one endpoint.

    gives: schema by status; None is an answer without a body. takes: the body's schema, read as
    content_type. proof: the name of a security scheme. also: errors by status.
    """

    summary: str
    standard: str
    gives: Mapping[int, str | None]
    takes: str | None = None
    content_type: str = FORM
    answers_in: str = JSON
    proof: str = ""
    may_be_jwt: bool = False
    also: Mapping[int, str] = field(default_factory=dict)

    @property
    def answers(self) -> Mapping[int, str | None]:
        """Every answer by its status, errors included."""
        return {**self.gives, **self.also}


_CLIENT = "client_secret_basic"
_METADATA = Operation("What this provider offers.", "RFC 8414 §3", {200: "Metadata"})
_MANAGED = "registration_access_token"


def _of_client(
    summary: str, standard: str, takes: str, gives: Mapping[int, str | None]
) -> Operation:
    return Operation(summary, standard, gives, takes, proof=_CLIENT, also=_COMMON)


OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("GET", "/.well-known/openid-configuration"): _METADATA,
    ("GET", "/.well-known/oauth-authorization-server"): _METADATA,
    ("GET", "/oidc/jwks"): Operation(
        "Keys that verify.", "RFC 7517 §5", {200: "Keys"}, answers_in="application/jwk-set+json"
    ),
    ("POST", "/oidc/par"): _of_client(
        "Keep the parameters of an authorization request.",
        "RFC 9126 §2", "PushedRequest", {201: "Pushed"},
    ),
    ("POST", "/oidc/token"): _of_client(
        "Exchange a code, a refresh token, a device code or the client's own proof for tokens.",
        "RFC 6749 §3.2", "TokenRequest", {200: "Tokens"},
    ),
    ("POST", "/oidc/device-authorization"): _of_client(
        "Begin a sign-in on a device without a browser.",
        "RFC 8628 §3.1", "DeviceRequest", {200: "Device"},
    ),
    ("POST", "/oidc/introspect"): _of_client(
        "Tell whether a token is active.",
        "RFC 7662 §2", "TokenQuestion", {200: "Introspection"},
    ),
    ("POST", "/oidc/revoke"): _of_client(
        "Give a token back.", "RFC 7009 §2", "TokenQuestion", {200: "Nothing"},
    ),
    ("POST", "/oidc/activity"): Operation(
        "Say that the person acted in a first-party application.", "ours, after CAEP §3.7",
        {200: "Activity"}, "ActivityReport", proof=_CLIENT, also=_COMMON | {403: ERROR},
    ),
    ("GET", "/oidc/userinfo"): Operation(
        "Claims about the person.", "OpenID Connect Core §5.3", {200: "Claims"},
        proof="access_token", may_be_jwt=True, also={400: ERROR, 401: ERROR},
    ),
    ("POST", "/oidc/userinfo"): Operation(
        "Claims about the person; the token may stand in the body.", "OpenID Connect Core §5.3",
        {200: "Claims"}, "TokenInBody",
        proof="access_token", may_be_jwt=True, also={400: ERROR, 401: ERROR},
    ),
    ("POST", "/oidc/register"): Operation(
        "Register a client.", "RFC 7591 §3", {201: "RegisteredClient"}, "ClientMetadata", JSON,
        proof="initial_access_token", also={400: ERROR, 401: ERROR},
    ),
    ("GET", "/oidc/register/{client_id}"): Operation(
        "Read a registration.", "RFC 7592 §2.1", {200: "RegisteredClient"},
        proof=_MANAGED, also={401: ERROR},
    ),
    ("PUT", "/oidc/register/{client_id}"): Operation(
        "Replace a registration.", "RFC 7592 §2.2", {200: "RegisteredClient"}, "ClientMetadata",
        JSON, proof=_MANAGED, also={400: ERROR, 401: ERROR},
    ),
    ("DELETE", "/oidc/register/{client_id}"): Operation(
        "End a registration.", "RFC 7592 §2.3", {204: None}, proof=_MANAGED, also={401: ERROR},
    ),
    ("GET", "/session/status"): Operation(
        "How long the session of this browser lives.", "ours", {200: "SessionStatus"},
    ),
    ("GET", "/health/live"): Operation("The process answers.", "ours", {200: "Health"}),
    ("GET", "/health/ready"): Operation(
        "It could serve a sign-in now.", "ours", {200: "Health"}, also={503: "Health"},
    ),
}  # fmt: skip
