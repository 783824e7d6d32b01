"""How pages are made: words of the visit's language, hashed static addresses, safe redirects."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, make_response, redirect, render_template, request

from portals.shared import language
from portals.shared.idle_rules import idle_ends_at
from portals.shared.parts import Parts
from portals.shared.visit import Visit, current

_SEE_OTHER = 303
_YEAR = 31_536_000


def render(template: str, status: int = 200, **values: object) -> Response:
    """Return a page; a template named "site/…" is the portal's own."""
    return make_response(render_template(template, **values), status)


def go_to(address: str) -> Response:
    """Return a 303 redirect; the address is a path checked by safe_path, or the provider's."""
    answer = make_response(redirect(address, _SEE_OTHER))
    answer.set_data(b"")
    return answer


def prepare_templates(app: Flask, parts: Parts) -> None:
    """Give the templates their words and the values that every page shows."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        lambda text: current().say(text),
        lambda one, many, number: current().say(one if number == 1 else many),
        newstyle=True,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        brand=parts.settings.brand,
        site=parts.site,
        settings=parts.settings,
        languages=language.LANGUAGES,
        static_url=_static_addresses(app),
        account_url=lambda page: (
            parts.settings.issuer_origin + parts.settings.brand.account_pages[page]
        ),
        language_url=_language_url,
    )
    app.context_processor(_page_values)


def _page_values() -> dict[str, Any]:
    visit = current()
    spoken = visit.language
    return {
        "visit": visit,
        "lang": spoken,
        "csrf_token": visit.form_token,
        "idle": _idle(visit),
        "clock_time": lambda seconds: language.format_time(spoken, seconds),
        "moment": lambda seconds: language.format_moment(spoken, seconds),
        "day": lambda text: language.format_day(spoken, text),
    }


def _idle(visit: Visit) -> dict[str, int] | None:
    """Return what the idle warning needs on pages of a signed-in person."""
    if not visit.is_signed_in or visit.session is None:
        return None
    settings = visit.parts.settings
    return {
        "seconds_left": visit.parts.liveness.seconds_left(visit.session),
        "warning_seconds": settings.warning_seconds,
        "ends_at": idle_ends_at(visit.session.times, settings.idle_seconds),
    }


def _language_url(code: str) -> str:
    """Return this page's address in another language; a form's answer leads to the front page."""
    if request.method != "GET" or request.endpoint is None:
        return f"/?lang={code}"
    kept = {"next": request.args["next"]} if "next" in request.args else {}
    return f"{request.path}?{urlencode({**kept, 'lang': code})}"


def _static_addresses(app: Flask) -> Callable[[str], str]:
    folder = Path(str(app.static_folder))

    @cache
    def address(name: str) -> str:
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()[:16]
        return f"/static/{name}?v={digest}"

    return address


def cache_static(response: Response) -> None:
    """A static file with its hash in the address never changes; without one it may, daily."""
    if response.status_code == 200:  # noqa: PLR2004 - OK
        lasting = f"public, max-age={_YEAR}, immutable"
        response.headers["Cache-Control"] = (
            lasting if "v" in request.args else "public, max-age=86400"
        )
