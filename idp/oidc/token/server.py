"""Authlib's authorization server, told how this provider works.

Of its defaults only the order of a token request and the shape of errors are kept; `protocol.md`
lists what is wrong for a provider in the others, and tests/oidc/test_library_defaults.py holds one
test for each.
"""

from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer

from idp.oidc.clients.client import Client
from idp.oidc.device.grant import DeviceCode
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.token.authorization_code import AuthorizationCode
from idp.oidc.token.client_authentication import (
    INVALID_CLIENT,
    TOO_MANY_FAILURES,
    ClientAuthentication,
)
from idp.oidc.token.client_credentials import ClientCredentials
from idp.oidc.token.grant import Grant, refusal
from idp.oidc.token.refresh_token import RefreshToken
from idp.oidc.token.request import ProgramRequest, TokenRequest

GRANTS: tuple[type[Grant], ...] = (
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
    DeviceCode,
)
GRANT_TYPES = tuple(str(grant.GRANT_TYPE) for grant in GRANTS)
ProgramAnswer = tuple[int, dict[str, Any]]


class TokenServer(AuthorizationServer):
    """Answers token requests; framework-free: a ProgramRequest in, status and JSON out."""

    def __init__(self, authentication: ClientAuthentication) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._authentication = authentication

    def answer(self, program: ProgramRequest) -> ProgramAnswer:
        """Return status and JSON of a token request (RFC 6749 §5)."""
        if program.parameters.repeated:
            return error_answer(invalid_request("A parameter was sent more than once."))
        if program.get("grant_type") is None:
            return error_answer(invalid_request("grant_type is missing."))
        answered: ProgramAnswer = self.create_token_response(program)  # type: ignore[no-untyped-call]
        return answered

    def create_oauth2_request(self, request: ProgramRequest) -> TokenRequest:
        """Wrap our request for Authlib."""
        return TokenRequest(request)

    def get_token_grant(self, request: TokenRequest) -> Grant:
        """Find the grant; the grant and its error are ours, which repeat nothing of the request."""
        for grant in GRANTS:
            if request.program.get("grant_type") == grant.GRANT_TYPE:
                return grant(request, self)
        return _NoSuchGrant(request, self)

    def client_for_grant(self, program: ProgramRequest, grant_type: str) -> Client:
        """Return the authenticated client if it may use the grant; raises OAuth2Error otherwise."""
        found = self._authentication.authenticate(program)
        if isinstance(found, ProtocolError):
            raise refusal(found.error, found.description, status_of(found))
        if grant_type not in found.grant_types:
            raise refusal("unauthorized_client", "The client is not registered for this grant.")
        return found

    def forget(self, client_id: str) -> None:
        """Read the client's registration again at its next use."""
        self._authentication.forget(client_id)

    def handle_response(
        self, status: int, body: dict[str, Any], _headers: list[tuple[str, str]]
    ) -> ProgramAnswer:
        """Return what Authlib would have sent; the endpoint sets its own headers."""
        return status, body


class _NoSuchGrant(Grant):
    """Stands for every grant type that is not offered (case TK-23)."""

    def validate_token_request(self) -> None:
        raise refusal("unsupported_grant_type", "This grant_type is not offered.")


def status_of(error: ProtocolError) -> int:
    """Return the HTTP status of an error: 401 for a client that is not proven (RFC 6749 §5.2)."""
    return {INVALID_CLIENT: 401, TOO_MANY_FAILURES: 429}.get(error, 400)


def error_answer(error: ProtocolError) -> ProgramAnswer:
    """Return status and JSON of an error (RFC 6749 §5.2)."""
    body = {"error": error.error, "error_description": error.description}
    return status_of(error), body
