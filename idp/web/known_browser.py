"""The second cookie: in which browsers an account was signed in to completely before.

256 random bits like the first one, but kept for months. It lets a browser be recognised and
nothing else: it opens no session and replaces neither password nor factor (case MF-15).
"""

import re

from flask import Flask, Response, g, request
from sqlalchemy import event

from idp.foundation.context import Context
from idp.people.browsers import service as browsers
from idp.people.browsers.service import Kept
from idp.web.context import parts

COOKIE = "idp_browser"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}\Z")


def register(app: Flask) -> None:
    """Send the cookie with the answer of a request that ended a sign-in."""
    app.after_request(_send)


def presented() -> str | None:
    """Return the secret of the cookie as it came; anything but 43 characters of base64url: none."""
    typed = request.cookies.get(parts().settings.cookie_name(COOKIE), "")
    return typed if _SECRET.match(typed) else None


def recognised(ctx: Context, account_id: str | None) -> str | None:
    """Return the key of this request's browser when it is recognised for an account.

    The same work for a name that nobody has (account_id None), so that it tells no names apart.
    """
    secret = presented()
    return browsers.find(ctx, account_id or "", secret) if secret else None


def remember(ctx: Context, account_id: str) -> Kept:
    """Recognise this browser from now on, with a new cookie; inside `writing`."""
    kept = browsers.keep(ctx, account_id, presented())
    g.known_browser_waiting = kept.secret
    # Only what is committed is sent: after a failure the browser has the cookie that it came with.
    event.listen(ctx.db, "after_commit", lambda _session: _settle(), once=True)
    event.listen(ctx.db, "after_rollback", lambda _session: _take_back(), once=True)
    return kept


def _settle() -> None:
    if secret := g.pop("known_browser_waiting", None):
        g.known_browser_secret = secret


def _take_back() -> None:
    g.pop("known_browser_waiting", None)


def _send(response: Response) -> Response:
    """Send the cookie: host-only, HttpOnly, SameSite=Lax, for as long as the browser is known."""
    if secret := g.pop("known_browser_secret", None):
        settings = parts().settings
        response.set_cookie(
            settings.cookie_name(COOKIE),
            secret,
            max_age=parts().policies.session.known_browser_seconds,
            secure=settings.is_secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )
    return response
