"""Reading requests for the protocol's endpoints: from the raw bytes, once."""

from flask import Request, request
from werkzeug.exceptions import RequestEntityTooLarge

from idp.foundation.context import Context
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.parameters import Malformed, Parameters, parse
from idp.oidc.token.request import ProgramRequest

_FORM = "application/x-www-form-urlencoded"


def raw_parameters(incoming: Request) -> bytes:
    """Return the encoded parameters of the address and, for POST, of the form behind them.

    Both count, so that a twin of a parameter in the other place is seen (case AZ-12).
    """
    if incoming.method == "POST" and incoming.mimetype == _FORM:
        return b"&".join((incoming.query_string, incoming.get_data()))
    return incoming.query_string


def front_channel(ctx: Context) -> Parameters:
    """Return the parameters that a browser brought; Malformed when they cannot be read."""
    return _parsed(ctx, raw_parameters(request))


def program(ctx: Context) -> ProgramRequest | ProtocolError:
    """Return the request of a program: parameters in a form body only (RFC 6749 §3.2).

    Parameters in the address are refused, since addresses end up in logs (case TK-21).
    """
    if request.query_string:
        return invalid_request("Parameters belong into the body.")
    if request.mimetype != _FORM:
        return invalid_request("The body must be application/x-www-form-urlencoded.")
    try:
        parameters = _parsed(ctx, request.get_data())
    except (Malformed, RequestEntityTooLarge):
        return invalid_request("The request cannot be read.")
    return ProgramRequest(ctx, parameters, request.headers.get("Authorization"))


def _parsed(ctx: Context, raw: bytes) -> Parameters:
    policy = ctx.policies.tokens
    return parse(raw, longest=policy.request_bytes, most=policy.request_parameters)
