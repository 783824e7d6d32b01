"""From what was sent to a checked request, or to what is wrong with it and who is told.

Whatever way the parameters came (in the address, in a signed request object, pushed beforehand),
they pass the same checks here, and again when the person comes back from signing in.
"""

from dataclasses import dataclass, replace

from idp.foundation.context import Context
from idp.oidc.authorization import request_object
from idp.oidc.authorization.asked import Asked
from idp.oidc.authorization.checks import first_error
from idp.oidc.authorization.destination import verified
from idp.oidc.clients.client import Client
from idp.oidc.clients.directory import ClientDirectory
from idp.oidc.errors import ProtocolError
from idp.oidc.logout import hint as hints
from idp.oidc.parameters import Parameters
from idp.oidc.pushed import service as pushed_requests

_URI_NOT_SUPPORTED = ProtocolError(
    "request_uri_not_supported", "Only a request_uri of our own is supported."
)
_URI_INVALID = ProtocolError(
    "invalid_request_uri", "The request_uri is not known, was used before, or is too old."
)
_BOTH = ProtocolError("invalid_request_object", "request and request_uri exclude each other.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that cannot be answered. back_to: where the error may go; None: on a page."""

    error: ProtocolError
    client: Client | None
    back_to: Asked | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """The parameters that count. is_pushed: the client sent them itself, beforehand."""

    parameters: Parameters
    is_pushed: bool = False


def ask(ctx: Context, directory: ClientDirectory, sent: Parameters) -> Asked | Refusal:
    """Check what a browser brought."""
    client = directory.find(ctx, sent.get("client_id"))
    if client is None or sent.repeated:
        return check(ctx, client, Received(sent))
    received = _received(ctx, client, sent)
    if not isinstance(received, ProtocolError):
        return check(ctx, client, received)
    # The values inside are not to be trusted; those outside may still say where the client is.
    outside = verified(sent, client)
    if isinstance(outside, Asked):
        return Refusal(received, client, outside)
    return Refusal(outside if sent.get("redirect_uri") else received, client)


def check(ctx: Context, client: Client | None, received: Received) -> Asked | Refusal:
    """Run the checks in their order on parameters whose origin is clear."""
    found = verified(received.parameters, client)
    if isinstance(found, ProtocolError):
        return Refusal(found, client)
    token = found.get("id_token_hint")
    hint = hints.read(ctx, token) if token else None
    asked = replace(found, hint=hint, is_pushed=received.is_pushed)
    error = first_error(asked)
    return Refusal(error, client, asked) if error else asked


def unwrapped(ctx: Context, client: Client, sent: Parameters) -> Parameters | ProtocolError:
    """Return the parameters of the request object, where there is one, or else those sent."""
    token = sent.get("request")
    return sent if token is None else request_object.unwrap(ctx, client, token)


def _received(ctx: Context, client: Client, sent: Parameters) -> Received | ProtocolError:
    uri = sent.get("request_uri")
    if uri is not None:
        return _BOTH if sent.get("request") is not None else _pushed(ctx, client, uri)
    parameters = unwrapped(ctx, client, sent)
    return parameters if isinstance(parameters, ProtocolError) else Received(parameters)


def _pushed(ctx: Context, client: Client, request_uri: str) -> Received | ProtocolError:
    if not pushed_requests.is_ours(request_uri):
        return _URI_NOT_SUPPORTED
    values = pushed_requests.take(ctx, client, request_uri)
    return _URI_INVALID if values is None else Received(Parameters(values), is_pushed=True)
