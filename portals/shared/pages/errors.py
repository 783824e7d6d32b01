"""Pages for what went wrong: each says what happened, and what to do next."""

import sqlite3

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from portals.shared.language import N_
from portals.shared.pages.rendering import render
from portals.shared.parts import Parts
from portals.shared.refusals import ProviderUnreachable, SignInRefused
from portals.shared.visit import current

_UNAVAILABLE = 503
_TEXTS = {
    400: (
        N_("This request cannot be understood"),
        N_("The address or the form is not complete. Go back and try again."),
    ),
    403: (
        N_("This form can no longer be used"),
        N_("You may have signed in or out in another tab. Go back, reload the page and try again."),
    ),
    404: (
        N_("This page does not exist"),
        N_("The address may be mistyped, or the page may have moved."),
    ),
    405: (
        N_("This page cannot be used that way"),
        N_("Open it from a link or a button of this portal."),
    ),
    413: (N_("That was too much"), N_("What was sent is larger than this portal accepts.")),
    500: (
        N_("Something went wrong on our side"),
        N_("Try again in a moment. If it happens again, call the service desk."),
    ),
    503: (
        N_("This portal cannot be used at the moment"),
        N_("Nothing that you did is lost. Try again in a few minutes."),
    ),
}


def handle_errors(app: Flask, parts: Parts) -> None:
    """Register a page for everything that views may raise."""

    def http_error(error: HTTPException) -> Response:
        return _page(error.code or 500)

    def unexpected(error: Exception) -> Response:
        parts.log.error("request.failed", exc_info=error, request_id=current().request_id)
        return _page(500)

    def database_failed(error: sqlite3.Error) -> Response:
        parts.log.error("database.failed", reason=str(error))
        return _page(_UNAVAILABLE)

    def provider_away(error: ProviderUnreachable) -> Response:
        parts.log.warning("provider.unreachable", reason=str(error))
        return _waiting(render("provider_down.html", _UNAVAILABLE))

    def sign_in_refused(refusal: SignInRefused) -> Response:
        parts.log.warning("sign_in.refused", reason=refusal.reason)
        return render("sign_in_stopped.html", 400, why="refused")

    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(sqlite3.Error, database_failed)
    app.register_error_handler(ProviderUnreachable, provider_away)
    app.register_error_handler(SignInRefused, sign_in_refused)
    app.register_error_handler(Exception, unexpected)


def _page(code: int) -> Response:
    """Return the page of a status; a machine that asked for JSON gets JSON."""
    if request.path in {"/health", "/session/status", "/backchannel-logout"}:
        answer = jsonify(error=code)
        answer.status_code = code
        return answer
    known = code if code in _TEXTS else 400
    heading, advice = _TEXTS[known]
    return render("error.html", code, heading=heading, advice=advice)


def _waiting(answer: Response) -> Response:
    answer.headers["Retry-After"] = "30"
    return answer
