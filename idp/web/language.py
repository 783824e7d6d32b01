"""Which language a page speaks: what the person chose last, then what the browser asks for."""

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Flask, Response, g, request

from idp.foundation.language import (
    DEFAULT_LANGUAGE,
    LANGUAGES,
    format_date,
    format_moment,
    format_time,
    format_time_and_zone,
    next_full_minute,
    ntranslate,
    translate,
)
from idp.web.context import parts

COOKIE = "idp_language"
_OF_ACCOUNT = "-account"
_Write = Callable[[str, str, datetime], str]
_MOMENTS: Mapping[str, _Write] = {
    "time_of_day": format_time,
    "time_and_zone": format_time_and_zone,
    "day": format_date,
    "moment": format_moment,
}


def register(app: Flask) -> None:
    """Choose the language before each request and give templates their words."""
    app.before_request(choose)
    app.after_request(_remember_choice)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: translate(g.get("language", DEFAULT_LANGUAGE), message),
        lambda one, many, n: ntranslate(g.get("language", DEFAULT_LANGUAGE), one, many, n, num=n),
        newstyle=True,
    )
    for name, write in _MOMENTS.items():
        app.jinja_env.filters[name] = _written_here(write)
    app.jinja_env.filters["full_minute"] = next_full_minute


def say(message: str, **values: object) -> str:
    """Return a marked text in this request's language."""
    return translate(_present(), message, **values)


def choose() -> None:
    """Set g.language for this request."""
    chosen = request.args.get("lang", "")
    if chosen in LANGUAGES:
        remember(chosen)
        return
    kept = _kept().removesuffix(_OF_ACCOUNT)
    asked = request.accept_languages.best_match(LANGUAGES, default=DEFAULT_LANGUAGE)
    g.language = kept if kept in LANGUAGES else asked


def remember(language: str) -> None:
    """Speak a language from now on in this browser (a choice, or an application's ui_locales)."""
    if language in LANGUAGES:
        g.language = g.kept_language = language


def follow(language: str) -> None:
    """Speak the language of the account that is signed in to, unless this browser chose another.

    A choice is a plain cookie; what only follows an account gives way to the next one's.
    """
    is_chosen = _kept() in LANGUAGES or "kept_language" in g
    if language in LANGUAGES and not is_chosen:
        g.language, g.kept_language = language, f"{language}{_OF_ACCOUNT}"


def is_being_switched() -> bool:
    """Tell whether a form was sent only to be shown in another language, with what was typed."""
    return request.method == "POST" and request.args.get("lang", "") in LANGUAGES


def _remember_choice(response: Response) -> Response:
    if "kept_language" in g:
        settings = parts().settings
        response.set_cookie(
            settings.cookie_name(COOKIE),
            g.kept_language,
            secure=settings.is_secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )
    return response


def _kept() -> str:
    """Return what the browser's cookie says, or ""."""
    return request.cookies.get(parts().settings.cookie_name(COOKIE), "")


def _written_here(write: _Write) -> Callable[[datetime], str]:
    return lambda moment: write(_present(), parts().settings.brand.time_zone, moment)


def _present() -> str:
    return str(g.get("language", DEFAULT_LANGUAGE))
