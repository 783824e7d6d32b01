"""The device authorization endpoint. RFC 8628 §3.1."""

from idp.foundation.rate_limits.service import LimitName, hit
from idp.oidc.clients.client import Client
from idp.oidc.device import asking
from idp.oidc.device.grant import DeviceCode
from idp.oidc.errors import ProtocolError
from idp.oidc.program_endpoint import ProgramEndpoint
from idp.oidc.token.request import ProgramRequest
from idp.oidc.token.server import ProgramAnswer, error_answer
from idp.web.statuses import TOO_MANY

PATH = "/oidc/device-authorization"


class DeviceAuthorizationEndpoint(ProgramEndpoint):
    """Gives a device its codes."""

    def serve(self, program: ProgramRequest, client: Client) -> ProgramAnswer:
        """Answer a client that may use the grant."""
        if DeviceCode.GRANT_TYPE not in client.grant_types:
            error = ProtocolError("unauthorized_client", "The client may not use this grant.")
            return error_answer(error)
        if not hit(program.ctx, LimitName.DEVICE_REQUESTS, program.ctx.origin.ip or ""):
            busy = ProtocolError("temporarily_unavailable", "Too many requests; wait a minute.")
            return TOO_MANY, error_answer(busy)[1]
        asked = asking.ask(program, client)
        return error_answer(asked) if isinstance(asked, ProtocolError) else (200, asked)
