"""The log: one JSON object a line on standard error, in UTC, with the request's id.

Everything goes through here, also what libraries and gunicorn write by the standard library's
logging. JSON escapes line ends and control characters, so nobody can forge a line (LX-03).
"""

import logging
import sys
from collections.abc import MutableMapping, Sequence
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from idp.foundation.redaction import redacted
from idp.settings import Settings

# For gunicorn's access log, should somebody switch it on: the path alone, because an address's
# query may hold a code (RC-06).
ACCESS_FORMAT = '%(h)s "%(m)s %(U)s" %(s)s %(B)s %(D)s'
_LOUD_LIBRARIES = ("sqlalchemy", "alembic", "urllib3", "asyncio", "mail")


def set_up_logging(settings: Settings) -> None:
    """Send every log event of this process to standard error; call once at start."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*_before(), structlog.processors.format_exc_info, _redact, _as_line],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *names: _Lines(names),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, _Handler)]
    root.addHandler(_Handler())
    root.setLevel(level)
    for name in _LOUD_LIBRARIES:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return the logger of a part of the product; may be called before `set_up_logging`."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return logger


def gunicorn_logging(level: str = "INFO") -> dict[str, Any]:
    """Return gunicorn's `logconfig_dict`: its own messages become JSON lines as well."""
    own = {"level": level.upper(), "handlers": ["lines"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"lines": {"class": "idp.foundation.logging._Handler"}},
        "root": {"level": level.upper(), "handlers": ["lines"]},
        "loggers": {"gunicorn.error": own, "gunicorn.access": own},
    }


def _before() -> Sequence[Processor]:
    return (
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _name,
    )


def _name(logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {**event, "logger": logger.name}


def _redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    clean: MutableMapping[str, Any] = redacted(event)
    return {**event, **clean}


_as_line: Processor = structlog.processors.JSONRenderer(ensure_ascii=True, default=str)


class _Lines:
    """Writes to whatever standard error is now: tests and daemons replace it."""

    def __init__(self, names: tuple[Any, ...]) -> None:
        self.name = names[0] if names else "idp"

    def msg(self, message: str) -> None:
        sys.stderr.write(message + "\n")
        sys.stderr.flush()

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


class _Handler(logging.Handler):
    """Takes what libraries log by the standard library and writes it as the same kind of line."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(_foreign_line(record) + "\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001 - logging must never break what it tells about
            self.handleError(record)


def _foreign_line(record: logging.LogRecord) -> str:
    event: EventDict = {
        "event": record.getMessage(),
        "logger": record.name,
        "level": record.levelname.lower(),
    }
    if record.exc_info:
        event["exc_info"] = record.exc_info
    for processor in (
        structlog.contextvars.merge_contextvars,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
    ):
        event = processor(None, record.levelname.lower(), event)
    return str(_as_line(None, "", event))
