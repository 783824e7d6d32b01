"""Which language a page speaks: what the person chose last, then what the browser asks for."""

from flask import Flask, Response, g, request

from idp.foundation.language import (
    DEFAULT_LANGUAGE,
    LANGUAGES,
    format_date,
    format_moment,
    format_time,
    next_full_minute,
    ntranslate,
    translate,
)
from idp.web.context import parts

COOKIE = "idp_language"


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
    app.jinja_env.filters["time_of_day"] = lambda moment: format_time(_present(), moment)
    app.jinja_env.filters["full_minute"] = next_full_minute
    app.jinja_env.filters["day"] = lambda moment: format_date(_present(), moment)
    app.jinja_env.filters["moment"] = lambda moment: format_moment(_present(), moment)


def say(message: str, **values: object) -> str:
    """Return a marked text in this request's language."""
    return translate(_present(), message, **values)


def choose() -> None:
    """Set g.language for this request."""
    chosen = request.args.get("lang", "")
    if chosen in LANGUAGES:
        remember(chosen)
        return
    kept = request.cookies.get(parts().settings.cookie_name(COOKIE), "")
    asked = request.accept_languages.best_match(LANGUAGES, default=DEFAULT_LANGUAGE)
    g.language = kept if kept in LANGUAGES else asked


def remember(language: str) -> None:
    """Speak a language from now on in this browser (a choice, or an application's ui_locales)."""
    if language in LANGUAGES:
        g.language = language
        g.remember_language = True


def _remember_choice(response: Response) -> Response:
    if g.get("remember_language"):
        settings = parts().settings
        response.set_cookie(
            settings.cookie_name(COOKIE),
            g.language,
            secure=settings.is_secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )
    return response


def _present() -> str:
    return str(g.get("language", DEFAULT_LANGUAGE))
