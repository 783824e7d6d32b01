"""Answers to what went wrong: a page that helps, with the request's number and no details.

Details stay in the log (OWASP ASVS 5.0 V16.5.1); protocol endpoints get JSON.
"""

from typing import Any

import structlog
from flask import Flask, Response, g, jsonify
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from idp.foundation.database import db
from idp.people.credentials.hashing import HashingBusy
from idp.web.context import current_view, request_id
from idp.web.guards import declared_by
from idp.web.pages import render
from idp.web.sessions import take_back

_log = structlog.get_logger("idp.web")
_FORBIDDEN = 403
_SERVER_ERROR = 500
_UNAVAILABLE = 503
_BUSY_RETRY_SECONDS = 5
# What a database that went away raises, depending on what was going on at that moment (F-01).
_AWAY = (OperationalError, InterfaceError, PendingRollbackError, PoolTimeoutError)


def register(app: Flask) -> None:
    """Answer every error of the application."""
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(HashingBusy, _busy)
    for away in _AWAY:
        app.register_error_handler(away, _database_away)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(Exception, _unexpected)


def answer(status: int, reason: str | None = None, retry_after: int | None = None) -> Response:
    """Return the page (or JSON, for a protocol endpoint) of a status."""
    if _speaks_json():
        response = jsonify(error=_json_key(status), request_id=request_id())
        response.status_code = status
    else:
        response = _page(status, reason, retry_after)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _page(status: int, reason: str | None, retry_after: int | None) -> Response:
    values: dict[str, Any] = {"status": status, "reason": reason, "retry_after": retry_after}
    try:
        return render("errors/page.html", status_code=status, **values)
    except (DBAPIError, *_AWAY):
        g.current_session = None  # the page asks who is signed in; the database cannot say now
        return render("errors/page.html", status_code=status, **values)


def _stale_form(_error: CSRFError) -> Response:
    """A form without this browser's token changes nothing (case SE-08)."""
    return answer(_FORBIDDEN, "stale_form")


def _http_error(error: HTTPException) -> Response:
    response = answer(error.code or _SERVER_ERROR, retry_after=_retry_after(error))
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _retry_after(error: HTTPException) -> int | None:
    if isinstance(seconds := getattr(error, "retry_after", None), int):
        return seconds
    limit = getattr(getattr(error, "limit", None), "limit", None)  # Flask-Limiter's
    return int(limit.get_expiry()) if limit is not None else None


def _busy(_error: HashingBusy) -> Response:
    """All hash slots are taken (case IN-06)."""
    return answer(_UNAVAILABLE, retry_after=_BUSY_RETRY_SECONDS)


def _database_away(error: Exception) -> Response:
    """The database is locked, restarting or full: honest, bounded, healing (F-01, F-03, F-04)."""
    _log.warning("database unavailable", error=type(error).__name__)
    db.session.rollback()
    take_back()
    return answer(_UNAVAILABLE, retry_after=_BUSY_RETRY_SECONDS)


def _database_error(error: DBAPIError) -> Response:
    """A driver may name a lost connection otherwise; what else it refuses is our mistake."""
    return _database_away(error) if error.connection_invalidated else _unexpected(error)


def _unexpected(error: Exception) -> Response:
    _log.exception("unexpected error", error=type(error).__name__)
    db.session.rollback()
    take_back()
    return answer(_SERVER_ERROR)


def _speaks_json() -> bool:
    declared = declared_by(current_view())
    return declared is not None and declared.who in {"client", "bearer"}


def _json_key(status: int) -> str:
    return {_UNAVAILABLE: "temporarily_unavailable", _SERVER_ERROR: "server_error"}.get(
        status, "invalid_request"
    )
