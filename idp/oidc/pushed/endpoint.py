"""The pushed authorization request endpoint. RFC 9126 §2."""

from flask.typing import ResponseReturnValue

from idp.foundation.context import Context
from idp.oidc import answers, reading
from idp.oidc.authorization import asking
from idp.oidc.authorization.asking import Received, Refusal
from idp.oidc.clients.client import Client
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.parameters import Parameters
from idp.oidc.pushed import service
from idp.oidc.token.client_authentication import ClientAuthentication
from idp.oidc.token.request import ProgramRequest
from idp.oidc.token.server import error_answer
from idp.web.context import current_context

PATH = "/oidc/par"
_CREATED = 201
_OF_THE_PROOF = frozenset({"client_secret", "client_assertion", "client_assertion_type"})
_NESTED = invalid_request("request_uri cannot be pushed.")
_REPEATED = invalid_request("A parameter was sent more than once.")


class PushedRequestEndpoint:
    """Takes the parameters of a request from the client itself, checks and keeps them."""

    def __init__(self, authentication: ClientAuthentication) -> None:
        self._authentication = authentication

    def push(self) -> ResponseReturnValue:
        """Answer POST /oidc/par."""
        ctx = current_context()
        program = reading.program(ctx)
        if isinstance(program, ProtocolError):
            return answers.as_json(*error_answer(program))
        kept = self._kept(ctx, program)
        if isinstance(kept, ProtocolError):
            return answers.as_json(*error_answer(kept))
        lasting = ctx.policies.tokens.pushed_request_seconds
        return answers.as_json(_CREATED, {"request_uri": kept, "expires_in": lasting})

    def _kept(self, ctx: Context, program: ProgramRequest) -> str | ProtocolError:
        """Authenticate the client and return the request_uri of its request, or an error."""
        if program.parameters.repeated:
            return _REPEATED
        client = self._authentication.authenticate(program)
        if isinstance(client, ProtocolError):
            return client
        asked_for = _checked(ctx, client, program.parameters)
        if isinstance(asked_for, ProtocolError):
            return asked_for
        return service.keep(ctx, client, asked_for.values)


def _checked(ctx: Context, client: Client, sent: Parameters) -> Parameters | ProtocolError:
    """Return the parameters that count, after the checks of the authorization endpoint (§2.1).

    client: who authenticated; a client_id beside the proof was found to be the same.
    """
    if sent.get("request_uri") is not None:
        return _NESTED
    found = asking.unwrapped(ctx, client, sent)
    if isinstance(found, ProtocolError):
        return found
    named = {name: text for name, text in found.values.items() if name not in _OF_THE_PROOF}
    parameters = Parameters(named | {"client_id": client.client_id})
    checked = asking.check(ctx, client, Received(parameters, is_pushed=True))
    return checked.error if isinstance(checked, Refusal) else parameters
