"""The one cookie: 256 random bits that mean nothing outside of the database.

Before sign-in it only binds forms (CSRF) and transactions to this browser, without any row. It is
replaced when the password is right and again when the session opens, so that a planted or
half-way cookie is worth nothing (cases SE-01, MF-07).
"""

import re
from typing import Any

from flask import Flask, Request, Response, g
from flask.sessions import SessionInterface, SessionMixin

from idp.foundation.ids import new_secret, secret_hash
from idp.web.context import parts

COOKIE = "idp"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}\Z")


class Browser:
    """This request's browser: the secret of its cookie, and whether the cookie must be sent."""

    def __init__(self, secret: str | None) -> None:
        """secret: the cookie as received, or None when there was none (or no valid one)."""
        self.came_with_cookie = secret is not None
        self.secret = self._received = self._settled = secret or new_secret()
        self._is_kept = False

    @property
    def must_send(self) -> bool:
        """Whether the answer carries the cookie: it is another one, or new and relied upon."""
        return self._is_kept or self.secret != self._received

    @property
    def digest(self) -> str:
        """The form in which rows remember this browser; asking for it keeps the browser."""
        self.keep()
        return secret_hash(self.secret)

    def keep(self) -> None:
        """Send the cookie with the answer if the browser does not have it yet."""
        self._is_kept = self._is_kept or not self.came_with_cookie

    def replace(self, secret: str | None = None) -> None:
        """Give the browser another cookie: a new session's secret, or a fresh anonymous one."""
        self.secret = secret or new_secret()

    def settle(self) -> None:
        """Take the replaced cookie as this browser's own: what is bound to it was committed."""
        self._settled = self.secret

    def reset(self) -> bool:
        """Take the former cookie again, as what was bound to the other one was rolled back.

        Tell whether there was another one.
        """
        was_replaced = self.secret != self._settled
        self.secret = self._settled
        return was_replaced


def current_browser() -> Browser:
    """Return this request's browser."""
    found: Browser = g.browser
    return found


class _FormView(dict[str, Any], SessionMixin):
    """What Flask-WTF sees as its session: a CSRF value derived from the cookie, never stored."""

    def __init__(self, browser: Browser) -> None:
        super().__init__()
        self._browser = browser

    def __contains__(self, name: object) -> bool:
        return name == "csrf_token"

    def __getitem__(self, name: str) -> str:
        if name != "csrf_token":
            raise KeyError(name)
        self._browser.keep()
        return parts().digests.keyed("csrf", self._browser.secret)

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name == "csrf_token" else default


class BrowserSessionInterface(SessionInterface):
    """Reads the cookie at the start of a request and sends it at the end when needed."""

    def open_session(self, app: Flask, request: Request) -> _FormView:
        """Read the cookie; anything but 43 characters of base64url counts as none."""
        name = app.extensions["idp"].settings.cookie_name(COOKIE)
        typed = request.cookies.get(name, "")
        g.browser = Browser(typed if _SECRET.match(typed) else None)
        return _FormView(g.browser)

    def save_session(self, app: Flask, _session: SessionMixin, response: Response) -> None:
        """Send the cookie: host-only, HttpOnly, SameSite=Lax, without Expires (case SE-05)."""
        browser = g.browser
        if not browser.must_send:
            return
        settings = app.extensions["idp"].settings
        response.set_cookie(
            settings.cookie_name(COOKIE),
            browser.secret,
            secure=settings.is_secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )
