"""The activity endpoint: POST /oidc/activity, for first-party applications."""

from flask.typing import ResponseReturnValue

from idp.oidc import answers, reading
from idp.oidc.activity import report
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.token.client_authentication import ClientAuthentication
from idp.oidc.token.request import ProgramRequest
from idp.oidc.token.server import ProgramAnswer, error_answer
from idp.web.context import current_context

PATH = "/oidc/activity"
_FORBIDDEN = 403


class ActivityEndpoint:
    """Takes reports that a person acted in an application."""

    def __init__(self, authentication: ClientAuthentication) -> None:
        self._authentication = authentication

    def activity(self) -> ResponseReturnValue:
        """Answer POST /oidc/activity."""
        program = reading.program(current_context())
        if isinstance(program, ProtocolError):
            return answers.as_json(*error_answer(program))
        return answers.as_json(*self._answer(program))

    def _answer(self, program: ProgramRequest) -> ProgramAnswer:
        if program.parameters.repeated:
            return error_answer(invalid_request("A parameter was sent more than once."))
        client = self._authentication.authenticate(program)
        if isinstance(client, ProtocolError):
            return error_answer(client)
        if not client.reports_activity:
            error = ProtocolError("unauthorized_client", "The client may not report activity.")
            return _FORBIDDEN, error_answer(error)[1]
        ctx = program.ctx
        skew = ctx.policies.tokens.activity_skew_seconds
        asked = report.read(program.parameters, ctx.now(), skew)
        if isinstance(asked, ProtocolError):
            return error_answer(asked)
        return 200, report.apply(ctx, client, asked)
