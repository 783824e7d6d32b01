"""The context of a request: what pages hand to services."""

import ipaddress
import secrets
from typing import Any

from flask import Request, current_app, g, request

from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import db

_LONGEST_USER_AGENT = 256


def parts() -> Parts:
    """Return what was made once when the process started."""
    found: Parts = current_app.extensions["idp"]
    return found


def left_with_application(name: str) -> Any:
    """Return what an upper floor left with the application for those below it."""
    return current_app.extensions[name]


def current_context() -> Context:
    """Return the context of this request: its database session, origin and language."""
    return parts().context(db.session(), current_origin(), language=g.get("language", "en"))


def current_origin() -> Origin:
    """Return where this request comes from and who acts, as far as known by now."""
    session = g.get("current_session")
    return Origin(
        ip=client_address(request),
        user_agent=printable(request.headers.get("User-Agent", ""))[:_LONGEST_USER_AGENT],
        request_id=request_id(),
        actor_id=session.account_id if session else None,
        actor_role="self" if session else None,
        session_id=session.id if session else None,
        acr=session.acr if session else None,
    )


def current_view() -> object:
    """Return the view that answers this request, or None (no such address)."""
    return current_app.view_functions.get(request.endpoint or "")


def can_be_read(path: str) -> bool:
    """Tell whether some view answers a GET of this path."""
    return current_app.url_map.bind("").test(path, "GET")


def readable_path(path: str) -> str:
    """Return a path if it can be read, else the nearest above it: the page that holds its form."""
    while path and not can_be_read(path):
        path = path.rpartition("/")[0]
    return path or "/"


def request_id() -> str:
    """Return this request's own id, which logs, audit records and error pages carry."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return str(g.request_id)


def client_address(incoming: Request) -> str | None:
    """Return the peer's address in its one form, or None when a proxy sent no address.

    X-Forwarded-For was applied only for trusted hops (settings.trusted_proxies, case LG-06).
    """
    try:
        address = ipaddress.ip_address((incoming.remote_addr or "").partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def printable(text: str) -> str:
    """Return text without control characters, so that one header stays one line in a log."""
    return "".join(letter for letter in text if letter.isprintable())
