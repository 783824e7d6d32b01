"""What the grants of the token endpoint share, on Authlib's classes. RFC 6749 §4.1.3 and §6."""

from typing import Any, Protocol

from authlib.oauth2.rfc6749 import BaseGrant, OAuth2Error, TokenEndpointMixin

from idp.oidc.clients.client import Client
from idp.oidc.token.request import ProgramRequest, TokenRequest

_ATTEMPTS = 2
GrantAnswer = tuple[int, dict[str, Any], list[tuple[str, str]]]


class ClientProver(Protocol):
    """What a grant needs of the server: who asks, and whether they may use the grant."""

    def client_for_grant(self, program: ProgramRequest, grant_type: str) -> Client:
        """Return the authenticated client; raises OAuth2Error."""

    def forget(self, client_id: str) -> None:
        """Read the client's registration again at its next use."""


class StaleRegistration(Exception):
    """The statement found another version of the registration than the one that was proven."""


class Grant(BaseGrant, TokenEndpointMixin):
    """Authenticates the client, sees that the artefact, if any, was sent, and exchanges it.

    Authlib calls the two methods in turn and makes an answer of the OAuth2Error they raise.
    """

    ARTEFACT: str | None = None
    server: ClientProver
    _asking: Client

    def __init__(self, request: TokenRequest, server: ClientProver) -> None:
        super().__init__(request, server)
        self.program = request.program

    def validate_token_request(self) -> None:
        """Authenticate the client before anything of the request is looked at."""
        self._asking = self.server.client_for_grant(self.program, str(self.GRANT_TYPE))
        if self.ARTEFACT is not None and self.program.get(self.ARTEFACT) is None:
            raise refusal("invalid_request", f"{self.ARTEFACT} is missing.")

    def create_token_response(self) -> GrantAnswer:
        """Exchange the artefact for tokens; anew where the registration changed just before."""
        for _ in range(_ATTEMPTS):
            try:
                return 200, self.exchange(self._asking), []
            except StaleRegistration:
                self.server.forget(self._asking.client_id)
                self.validate_token_request()
        raise refusal("invalid_client", "The registration of the client is changing.", 401)

    def exchange(self, client: Client) -> dict[str, Any]:
        """Return the JSON of the answer (RFC 6749 §5.1); raises OAuth2Error.

        StaleRegistration when the client is remembered otherwise than it is registered now.
        """
        raise NotImplementedError


def refusal(error: str, description: str, status: int = 400) -> OAuth2Error:
    """Return an error of RFC 6749 §5.2 for raising inside Authlib's calls."""
    return OAuth2Error(description, status_code=status, error=error)  # type: ignore[no-untyped-call]
