"""POST requests that another site's page sent to one of our endpoints for browsers.

They carry no SameSite cookie, so the person's session would not be seen, and a new cookie would
replace it. The same request as GET, after a redirect, brings the cookie along.
"""

import re

from flask import Response, request

from idp.oidc.reading import raw_parameters
from idp.web.browser_session import current_browser
from idp.web.pages import redirect_303

# Printable ASCII without space, short enough for every server's limit of a request line.
_FITS_AN_ADDRESS = re.compile(rb"[!-~]{0,3000}")


def as_get(path: str) -> Response | None:
    """Return the redirect that repeats this POST as GET, or None where it can be taken as it is."""
    if request.method != "POST" or current_browser().came_with_cookie:
        return None
    raw = raw_parameters(request)
    if not _FITS_AN_ADDRESS.fullmatch(raw):
        return None
    response = redirect_303(path)
    response.headers["Location"] = f"{path}?{raw.decode('ascii')}"
    return response
