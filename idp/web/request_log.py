"""One log line for each request, with its number; never an address's query or a body."""

import time

import structlog
from flask import Flask, Response, g, request

from idp.web.context import client_address, request_id

_log = structlog.get_logger("idp.request")
_QUIET = ("/health/", "/static/")


def register(app: Flask) -> None:
    """Give every request a number, bind it to the log, and write one line at its end."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id())


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = request_id()
    if not request.path.startswith(_QUIET):
        _log.info(
            "request",
            method=request.method,
            route=str(request.url_rule or "none"),
            status=response.status_code,
            ip=client_address(request),
            milliseconds=round((time.perf_counter() - g.started) * 1000, 1),
        )
    return response
