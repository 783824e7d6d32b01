"""Puts one portal together: its parts, its pages, and what holds for every request."""

from functools import partial
from pathlib import Path
from time import monotonic

from flask import Flask, Response, g, request
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader

from portals.shared import addresses
from portals.shared.clock import Clock
from portals.shared.headers import set_headers
from portals.shared.language import DEFAULT_LANGUAGE
from portals.shared.pages import (
    back_channel,
    idle,
    notice,
    public,
    secure,
    sign_in,
    sign_out,
)
from portals.shared.pages.errors import handle_errors
from portals.shared.pages.rendering import cache_static, prepare_templates, render
from portals.shared.parts import Parts, make_parts
from portals.shared.settings import PortalSettings
from portals.shared.site import Site
from portals.shared.visit import (
    Visit,
    check_form_token,
    current,
    open_visit,
    record_action,
    set_cookies,
)

_SHARED = Path(__file__).resolve().parent
_LARGEST_REQUEST = 64 * 1024
_BLUEPRINTS = (public, notice, sign_in, secure, idle, sign_out, back_channel)


def create_portal(site: Site, settings: PortalSettings, clock: Clock | None = None) -> Flask:
    """Return one portal as a WSGI application.

    settings: where it runs and which provider it trusts; clock None takes the system's.
    Raises ValueError or OSError when the secret or the database file cannot be used.
    """
    app = Flask(
        f"portals.{site.key}",
        root_path=str(_SHARED),
        static_folder="static",
    )
    app.jinja_loader = _templates(site)
    app.config.update(
        MAX_CONTENT_LENGTH=_LARGEST_REQUEST,
        MAX_FORM_PARTS=50,
        TRUSTED_HOSTS=_hosts(settings),
    )
    settings = settings.model_copy(update={"client_id": settings.client_id or site.client_id})
    parts = make_parts(app, site, settings, clock)
    app.extensions["portal"] = parts
    prepare_templates(app, parts)
    handle_errors(app, parts)
    addresses.register(app)
    _add_pages(app, site)
    _wrap_requests(app, parts)
    return app


def _templates(site: Site) -> BaseLoader:
    """The shared templates, and the portal's own under the name "site/…"."""
    own = FileSystemLoader(_SHARED.parent / site.key / "templates")
    return ChoiceLoader([FileSystemLoader(_SHARED / "templates"), PrefixLoader({"site": own})])


def _hosts(settings: PortalSettings) -> list[str]:
    """Only the portal's own name is answered; the loopback's too, for a health check nearby."""
    return [settings.host.rpartition(":")[0] or settings.host, settings.host, "127.0.0.1"]


def _add_pages(app: Flask, site: Site) -> None:
    for module in _BLUEPRINTS:
        app.register_blueprint(module.blueprint)
    for path, template in site.pages.items():
        endpoint = template.removesuffix(".html")
        app.add_url_rule(path, endpoint, partial(render, f"site/{template}"), methods=["GET"])


def _wrap_requests(app: Flask, parts: Parts) -> None:
    app.before_request(partial(_begin, app, parts))
    app.after_request(partial(_finish, parts))


def _begin(app: Flask, parts: Parts) -> None:
    """Read the session, refuse a forged form, and keep that the person acted."""
    g.started, g.visit = monotonic(), Visit(parts, DEFAULT_LANGUAGE)
    if request.endpoint == "static":
        return
    parts.reporter.start()
    open_visit(parts)
    view = app.view_functions.get(request.endpoint or "")
    if request.method == "POST" and not getattr(view, "is_machine", False):
        check_form_token(current())
    is_page = request.method in {"GET", "POST"} and view is not None
    if is_page and not getattr(view, "is_passive", False):
        record_action(current())


def _finish(parts: Parts, response: Response) -> Response:
    """Write cookies and headers, and one line of the log."""
    visit = current()
    is_static = request.endpoint == "static"
    set_headers(response, parts.settings, is_static=is_static)
    if is_static:
        cache_static(response)
        return response
    set_cookies(visit, response)
    response.headers["X-Request-ID"] = visit.request_id
    parts.log.info(
        "request",
        request_id=visit.request_id,
        method=request.method,
        path=request.path,
        status=response.status_code,
        milliseconds=round((monotonic() - g.started) * 1000),
    )
    return response
