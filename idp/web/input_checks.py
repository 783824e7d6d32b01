"""What no page accepts, answered before any page runs (cases RG-10, IN-03, RC-01, IN-11)."""

from urllib.parse import unquote_to_bytes

from flask import Flask, abort, request
from werkzeug.datastructures import MultiDict
from werkzeug.sansio.utils import host_is_trusted

from idp.web.context import current_view, parts
from idp.web.guards import declared_by

MAX_BODY_BYTES = 64 * 1024
MAX_FIELDS = 100
_BAD_REQUEST = 400
_TOO_LARGE = 413
_REPLACEMENT = "\ufffd"  # what a decoder puts where bytes were no UTF-8
_LONGEST_QUERY = 16 * 1024


def register(app: Flask) -> None:
    """Bound what may be sent and refuse what cannot be meant."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY_BYTES
    app.config["MAX_FORM_PARTS"] = MAX_FIELDS
    app.before_request(check)


def check() -> None:
    """Refuse a foreign Host, and for pages: repeated fields, bad UTF-8 and NUL characters."""
    if not request.path.startswith("/health/"):
        _check_host()
    declared = declared_by(current_view())
    if declared is None or declared.parses_itself:
        return
    if len(request.query_string) > _LONGEST_QUERY:
        abort(_BAD_REQUEST, "query_too_long")
    _check_encoding(request.query_string)
    if request.mimetype == "application/x-www-form-urlencoded":
        _check_encoding(request.get_data(parse_form_data=False))
    _check_fields(request.args)
    _check_fields(request.form)


def _check_host() -> None:
    """Links are never built from Host; a foreign one is still refused, for caches' sake."""
    trusted = parts().settings.host.rpartition(":")[0] or parts().settings.host
    if not host_is_trusted(request.host, [trusted]):
        abort(_BAD_REQUEST, "unknown_host")


def _check_encoding(raw: bytes) -> None:
    """Refuse what is no UTF-8: Werkzeug would keep such bytes percent-encoded, as if typed so."""
    try:
        unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        abort(_BAD_REQUEST, "unreadable_text")


def _check_fields(fields: MultiDict[str, str]) -> None:
    if len(fields) > MAX_FIELDS:  # the framework counts the parts of multipart bodies alone
        abort(_TOO_LARGE)
    for name, values in fields.lists():
        if len(values) > 1:
            abort(_BAD_REQUEST, "repeated_field")
        if any("\0" in text or _REPLACEMENT in text for text in (name, *values)):
            abort(_BAD_REQUEST, "unreadable_text")
