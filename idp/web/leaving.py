"""Signing out in this browser, with applications that have to be told in this browser.

OpenID Connect Front-Channel Logout 1.0 §3: a page of ours loads a page of each such application
in a frame, where the application finds its own cookies. Which pages those are, the OpenID provider
knows; it leaves word here, one floor below.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from flask import Flask, Response

from idp.foundation.context import Context
from idp.people.sessions.service import CurrentSession
from idp.web.context import current_context, left_with_application
from idp.web.pages import render
from idp.web.security_headers import allow_frame
from idp.web.sessions import current_session, sign_out

Frames = Callable[[Context, CurrentSession], Sequence[str]]
_EXTENSION = "idp_logout_frames"
# How long frames may take before a browser without JavaScript goes on.
_SECONDS = 4


def register(app: Flask, frames: Frames) -> None:
    """Leave word of who knows the addresses to load for a session that ends."""
    app.extensions[_EXTENSION] = frames


def sign_out_and_tell() -> Sequence[str]:
    """End this browser's session, if it has one; return the addresses to load in frames.

    The page that shows them may load them: it is allowed here.
    """
    session = current_session()
    frames: Frames = left_with_application(_EXTENSION)
    addresses = frames(current_context(), session) if session else ()
    sign_out()
    for address in addresses:
        parts = urlsplit(address)
        allow_frame(f"{parts.scheme}://{parts.netloc}")
    return addresses


def tell(addresses: Sequence[str], onward: str) -> Response:
    """Return the page that tells the applications and then goes on.

    onward: a path of ours, or an address that was compared with a registration. By link, by the
    page's script once all frames have loaded, and by the Refresh header where there is no script.
    """
    response = render("sign_out/leaving.html", frames=addresses, onward=onward)
    response.headers["Refresh"] = f"{_SECONDS}; url={onward}"
    return response
