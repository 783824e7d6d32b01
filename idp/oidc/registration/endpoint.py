"""The registration endpoint and each client's own. RFC 7591 §3, RFC 7592 §2."""

from collections.abc import Callable
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from idp.foundation.context import Context
from idp.oidc import answers, strict_json
from idp.oidc.errors import ProtocolError
from idp.oidc.parameters import Parameters
from idp.oidc.registration import service
from idp.oidc.userinfo.bearer import presented
from idp.web.context import current_context

_CREATED = 201
_OK = 200
_NO_CONTENT = 204
_BODY_UNREADABLE = ProtocolError("invalid_client_metadata", "The body must be a JSON object.")
_NO_BODY = Parameters({})
Described = service.Described | ProtocolError


def register() -> ResponseReturnValue:
    """Answer POST /oidc/register."""
    return _with_metadata(_CREATED, service.register)


def read(client_id: str) -> ResponseReturnValue:
    """Answer GET /oidc/register/<client_id>."""
    ctx = current_context()
    return _answer(_OK, service.read(ctx, client_id, _token() or ""))


def change(client_id: str) -> ResponseReturnValue:
    """Answer PUT /oidc/register/<client_id>."""

    def changed(ctx: Context, token: str, said: dict[str, Any]) -> Described:
        return service.change(ctx, client_id, token, said)

    return _with_metadata(_OK, changed)


def remove(client_id: str) -> ResponseReturnValue:
    """Answer DELETE /oidc/register/<client_id>."""
    refused = service.remove(current_context(), client_id, _token() or "")
    return _refusal(refused) if refused else Response(status=_NO_CONTENT)


def _with_metadata(
    status: int, use: Callable[[Context, str, dict[str, Any]], Described]
) -> Response:
    """Read token and body; a body that cannot be read is the concern of an allowed caller only."""
    ctx, token = current_context(), _token()
    if token is None:
        return _refusal(service.INVALID_TOKEN)
    said = _body(ctx)
    return _answer(status, _BODY_UNREADABLE if said is None else use(ctx, token, said))


def _token() -> str | None:
    found = presented(request.headers.get("Authorization"), _NO_BODY)
    return found if isinstance(found, str) else None


def _body(ctx: Context) -> dict[str, Any] | None:
    try:
        raw = request.get_data()
    except RequestEntityTooLarge:
        return None
    if request.mimetype != "application/json" or len(raw) > ctx.policies.tokens.request_bytes:
        return None
    try:
        read_value = strict_json.read(raw.decode())
    except ValueError:
        return None
    return read_value if isinstance(read_value, dict) else None


def _answer(status: int, described: Described) -> Response:
    if isinstance(described, ProtocolError):
        return _refusal(described)
    return answers.as_json(status, described)


def _refusal(error: ProtocolError) -> Response:
    body = {"error": error.error, "error_description": error.description}
    if error != service.INVALID_TOKEN:
        return answers.as_json(400, body)
    response = answers.as_json(401, body)
    response.headers["WWW-Authenticate"] = 'Bearer realm="idp", error="invalid_token"'
    return response
