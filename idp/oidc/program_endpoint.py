"""What the endpoints for authenticated programs share: reading, proof, and the answer's shape."""

from abc import ABC, abstractmethod

from flask import Response
from flask.typing import ResponseReturnValue

from idp.oidc import answers, reading
from idp.oidc.clients.client import Client
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.token.client_authentication import ClientAuthentication
from idp.oidc.token.request import ProgramRequest
from idp.oidc.token.server import ProgramAnswer, error_answer
from idp.web.context import current_context


class ProgramEndpoint(ABC):
    """Answers POST requests of clients that prove themselves."""

    def __init__(self, authentication: ClientAuthentication) -> None:
        self._authentication = authentication

    def respond(self) -> ResponseReturnValue:
        """Answer the present request."""
        program = reading.program(current_context())
        if isinstance(program, ProtocolError):
            return answers.as_json(*error_answer(program))
        return self.finish(answers.as_json(*self.answer(program)), program)

    def answer(self, program: ProgramRequest) -> ProgramAnswer:
        """Return status and JSON: of the error, or of what the endpoint does for the client."""
        if program.parameters.repeated:
            return error_answer(invalid_request("A parameter was sent more than once."))
        client = self._authentication.authenticate(program)
        if isinstance(client, ProtocolError):
            return error_answer(client)
        return self.serve(program, client)

    def finish(self, response: Response, _program: ProgramRequest) -> Response:
        """Return the answer as it goes out; pages of no other origin may read it."""
        return response

    @abstractmethod
    def serve(self, program: ProgramRequest, client: Client) -> ProgramAnswer:
        """Return status and JSON for a client that proved itself."""
