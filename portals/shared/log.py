"""One JSON line for each thing worth knowing, on standard error; no token, no cookie, no query."""

import logging
import sys

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_LONGEST = 300


def open_log(portal: str, level: str) -> FilteringBoundLogger:
    """Return the log of one portal; level: debug, info, warning or error."""
    log: FilteringBoundLogger = structlog.wrap_logger(
        _StandardError(),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _shorten,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        portal=portal,
    )
    # Authlib writes the code verifier into its debug log.
    logging.getLogger("authlib").setLevel(logging.WARNING)
    return log


class _StandardError:
    """Writes to whatever standard error is at that moment; one line, one write."""

    def msg(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    debug = info = warning = error = exception = msg


def _shorten(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Cut long texts that came from outside; JSON keeps line breaks out of the line."""
    for name, value in event.items():
        if isinstance(value, str) and name != "exception":
            event[name] = value[:_LONGEST]
    return event
