"""The revocation endpoint. RFC 7009 §2."""

from flask import Response

from idp.oidc.clients.client import Client
from idp.oidc.cross_origin import CrossOrigin
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.program_endpoint import ProgramEndpoint
from idp.oidc.revocation import revoking
from idp.oidc.token.client_authentication import ClientAuthentication, named
from idp.oidc.token.request import ProgramRequest
from idp.oidc.token.server import ProgramAnswer, error_answer

PATH = "/oidc/revoke"
_FOREIGN = ProtocolError("invalid_grant", "The token was not issued to this client.")


class RevocationEndpoint(ProgramEndpoint):
    """Takes tokens back from the client they were issued to."""

    def __init__(self, authentication: ClientAuthentication, cross_origin: CrossOrigin) -> None:
        super().__init__(authentication)
        self._cross_origin = cross_origin

    def finish(self, response: Response, program: ProgramRequest) -> Response:
        """Let the pages of the client read the answer."""
        return self._cross_origin.allow(response, named(program))

    def serve(self, program: ProgramRequest, client: Client) -> ProgramAnswer:
        """Answer 200 for a token that is gone now, also one that never was (§2.2).

        token_type_hint is not looked at: a wrong one must not keep a token from being found
        (§2.1, case UI-05). Another client's token is refused and keeps working (case UI-04).
        """
        token = program.get("token")
        if token is None:
            return error_answer(invalid_request("token is missing."))
        is_done = revoking.revoke(program.ctx, client, token)
        return (200, {}) if is_done else error_answer(_FOREIGN)
