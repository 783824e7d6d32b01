"""The introspection endpoint. RFC 7662 §2."""

from idp.oidc.clients.client import Client
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.introspection.answer import INACTIVE, StaleCaller, said_of
from idp.oidc.program_endpoint import ProgramEndpoint
from idp.oidc.token.client_authentication import INVALID_CLIENT
from idp.oidc.token.request import ProgramRequest
from idp.oidc.token.server import ProgramAnswer, error_answer

PATH = "/oidc/introspect"


class IntrospectionEndpoint(ProgramEndpoint):
    """Says of a token what the client that asks may know."""

    def serve(self, program: ProgramRequest, client: Client) -> ProgramAnswer:
        """Answer a proven client; one that only names itself is refused (§2.1, case UI-03).

        token_type_hint is not looked at: one statement finds a token of any kind.
        """
        if client.is_public:
            return error_answer(INVALID_CLIENT)
        token = program.get("token")
        if token is None:
            return error_answer(invalid_request("token is missing."))
        try:
            return 200, said_of(program.ctx, client, token)
        except StaleCaller:
            return self._again(program, client, token)

    def _again(self, program: ProgramRequest, client: Client, token: str) -> ProgramAnswer:
        """Ask once more as the client that the registration describes now."""
        self._authentication.forget(client.client_id)
        proven = self._authentication.authenticate(program)
        if isinstance(proven, ProtocolError):
            return error_answer(proven)
        try:
            return 200, said_of(program.ctx, proven, token)
        except StaleCaller:
            return 200, dict(INACTIVE)
