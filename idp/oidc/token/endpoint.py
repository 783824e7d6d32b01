"""The token endpoint. RFC 6749 §3.2, OpenID Connect Core §3.1.3."""

from flask.typing import ResponseReturnValue

from idp.oidc import answers, reading
from idp.oidc.cross_origin import CrossOrigin
from idp.oidc.errors import ProtocolError
from idp.oidc.token.client_authentication import ClientAuthentication, named
from idp.oidc.token.server import TokenServer, error_answer
from idp.web.context import current_context

PATH = "/oidc/token"


class TokenEndpoint:
    """Exchanges codes and refresh tokens."""

    def __init__(self, authentication: ClientAuthentication, cross_origin: CrossOrigin) -> None:
        self._cross_origin = cross_origin
        self._server = TokenServer(authentication)

    def token(self) -> ResponseReturnValue:
        """Answer POST /oidc/token."""
        program = reading.program(current_context())
        if isinstance(program, ProtocolError):
            return answers.as_json(*error_answer(program))
        response = answers.as_json(*self._server.answer(program))
        return self._cross_origin.allow(response, named(program))
