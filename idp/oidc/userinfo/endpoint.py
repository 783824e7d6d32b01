"""The userinfo endpoint. OpenID Connect Core §5.3, RFC 6750 §3."""

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from idp.foundation.context import Context
from idp.oidc import answers
from idp.oidc.cross_origin import CrossOrigin
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.parameters import Malformed, Parameters, parse
from idp.oidc.userinfo import answer, signed
from idp.oidc.userinfo.bearer import INVALID_TOKEN, presented
from idp.web.context import current_context

PATH = "/oidc/userinfo"
_NOTHING = Parameters({})


class UserinfoEndpoint:
    """Says who the person behind an access token is."""

    def __init__(self, cross_origin: CrossOrigin) -> None:
        self._cross_origin = cross_origin

    def userinfo(self) -> ResponseReturnValue:
        """Answer GET and POST /oidc/userinfo."""
        ctx = current_context()
        try:
            token = presented(request.headers.get("Authorization"), _body(ctx))
        except (Malformed, RequestEntityTooLarge):
            token = invalid_request("The request cannot be read.")
        if not isinstance(token, str):
            return self._cross_origin.allow(_challenge(token), None)
        said = answer.of_token(ctx, token)
        if said is None:
            return self._cross_origin.allow(_challenge(INVALID_TOKEN), None)
        return self._cross_origin.allow(_sent(ctx, said), said.client_id)


def _sent(ctx: Context, said: answer.Said) -> Response:
    if said.signing_alg is None:
        return answers.as_json(200, said.claims)
    token = signed.as_jwt(ctx, said.claims, said.client_id, said.signing_alg)
    return answers.as_jwt(token)


def _body(ctx: Context) -> Parameters:
    if request.method != "POST" or not request.mimetype.endswith("x-www-form-urlencoded"):
        return _NOTHING
    policy = ctx.policies.tokens
    raw = request.get_data()
    return parse(raw, longest=policy.request_bytes, most=policy.request_parameters)


def _challenge(error: ProtocolError | None) -> Response:
    """Return the error with the challenge of RFC 6750 §3; without one where no token was sent."""
    if error is None:
        response = answers.as_json(401, {"error": "invalid_token"})
        response.headers["WWW-Authenticate"] = 'Bearer realm="idp"'
        return response
    status = 401 if error == INVALID_TOKEN else 400
    body = {"error": error.error, "error_description": error.description}
    response = answers.as_json(status, body)
    response.headers["WWW-Authenticate"] = (
        f'Bearer realm="idp", error="{error.error}", error_description="{error.description}"'
    )
    return response
