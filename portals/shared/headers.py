"""Security headers of every answer (OWASP ASVS 5.0 V3.4); the policy allows no inline code."""

from flask import Response

from portals.shared.settings import PortalSettings

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def set_headers(response: Response, settings: PortalSettings, *, is_static: bool) -> None:
    """Write the headers; everything but a static file is kept out of every cache."""
    for name, value in _ALWAYS.items():
        response.headers[name] = value
    response.headers["Content-Security-Policy"] = _policy(settings)
    if settings.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    if not is_static:
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Cookie, Accept-Language"


def _policy(settings: PortalSettings) -> str:
    """Forms may lead to the provider as well: signing out is a POST here that redirects there."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self'; form-action 'self' {settings.issuer_origin}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
