"""Headers that every answer carries (OWASP ASVS 5.0 V3.4; cases SE-11, SE-14, AZ-19)."""

from flask import Flask, Response, g, request

from idp.web.context import parts

_SOURCES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_FILE_STATUSES = {200, 206, 304}
_HSTS = "max-age=31536000; includeSubDomains"


def register(app: Flask) -> None:
    """Add the headers to every answer of the application."""
    app.after_request(add)


def allow_form_target(origin: str) -> None:
    """Let forms of this page end at another origin: the application that sent the person.

    Chromium applies form-action to the redirects that follow a submission, so without this a
    sign-in could not lead back. The origin comes from the client's registration, never from the
    request.
    """
    if origin:
        g.setdefault("form_targets", []).append(origin)


def allow_frame(origin: str) -> None:
    """Let this page load pages of an origin in frames: applications that are told of a sign-out.

    The origin comes from a registration, never from the request.
    """
    g.setdefault("frame_origins", {})[origin] = None


def add(response: Response) -> Response:
    """Add the headers to one answer; what an endpoint set itself stays."""
    targets = " ".join(["'self'", *g.get("form_targets", [])])
    policy = f"{_SOURCES}; form-action {targets}"
    if frames := " ".join(g.get("frame_origins", {})):
        policy += f"; frame-src {frames}"
    response.headers.setdefault("Content-Security-Policy", policy)
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    if parts().settings.is_secure:
        response.headers.setdefault("Strict-Transport-Security", _HSTS)
    # The page that says "no such file" shows who is signed in: only files themselves are kept.
    if request.endpoint != "static" or response.status_code not in _FILE_STATUSES:
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.add("Cookie")
    return response
