"""HTTP answers of the protocol's endpoints."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, render_template

from idp.foundation.context import Context
from idp.oidc.authorization.answer import Answer
from idp.oidc.clients.client import Client
from idp.oidc.errors import ProtocolError
from idp.web.pages import render
from idp.web.statuses import TOO_MANY

_SEE_OTHER = 303
_BAD_REQUEST = 400
_UNAUTHORIZED = 401
_RETRY_SECONDS = 60
# SHA-256 of the one line of script in templates/oidc/form_post.html, which only sends the form.
_FORM_POST_SCRIPT = "'sha256-8lDeP0UDwCO6/RhblgeH/ctdBzjVpJxrXizsnIk3cEQ='"


def as_json(status: int, body: Mapping[str, Any]) -> Response:
    """Return JSON that no cache keeps (RFC 6749 §5.1, case TK-25)."""
    response = Response(json.dumps(body), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    if status == TOO_MANY:
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    if status == _UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Basic realm="idp", charset="UTF-8"'
    return response


def as_jwt(token: str) -> Response:
    """Return a signed answer that no cache keeps (OpenID Connect Core §5.3.2)."""
    response = Response(token, mimetype="application/jwt")
    response.headers["Cache-Control"] = "no-store"
    return response


def to_client(answer: Answer) -> Response:
    """Send an authorization answer to its verified redirect_uri.

    303, so that no browser repeats a POST with credentials there (RFC 9700 §4.12); form_post as
    a page that sends itself (OAuth 2.0 Form Post Response Mode §2).
    """
    if answer.mode == "form_post":
        return _form_post(answer)
    return away(answer.location)


def away(location: str) -> Response:
    """Redirect to an address that was compared with a registration."""
    response = make_response("", _SEE_OTHER)
    response.headers["Location"] = location
    return response


def refusal_page(error: ProtocolError, ctx: Context, client: Client | None = None) -> Response:
    """Tell the person, and on the same page the application's developer (RFC 6749 §4.1.2.1).

    Nothing is sent to the application, and nothing on the page leads there.
    """
    name = client.name(ctx.language) if client else None
    return render(
        "errors/application.html",
        status_code=_BAD_REQUEST,
        error=error.error,
        description=error.description,
        client_name=name,
    )


def _form_post(answer: Answer) -> Response:
    page = render_template(
        "oidc/form_post.html", action=answer.redirect_uri, parameters=answer.parameters
    )
    response = make_response(page)
    # No form-action here: browsers apply it to what the application does after it got the form.
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {_FORM_POST_SCRIPT}; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return response
