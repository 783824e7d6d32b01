"""Addresses whose bytes are no text, before anything reads them (case IN-11)."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")  # WSGI hands each raw byte over as one character


def register(app: Flask) -> None:
    """Percent-encode what RFC 3986 section 2 does not let an address carry raw.

    Werkzeug decodes a query strictly, so that one raw byte in it would fail in the first line of
    code that asks for the language. Encoded, it is refused or read like any other input.
    """
    inner = app.wsgi_app

    def encoded(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        query = environ.get("QUERY_STRING", "")
        environ["QUERY_STRING"] = _NOT_ASCII.sub(_percent, query)
        return inner(environ, start_response)

    app.wsgi_app = encoded  # type: ignore[method-assign]


def _percent(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"
