"""Turning a template and its values into subject, text and HTML, in the person's language.

`templates/mail/<name>.txt` extends `mail/base.txt`, `<name>.html` extends `mail/base.html`; both
fill the blocks `subject` and `body`. Templates get `brand`, `language`, their own values, `_`,
`link(path, **query)` and the filters `time`, `date` and `moment`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode, urljoin

import css_inline
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context as TemplateContext

from idp.foundation.language import (
    DEFAULT_LANGUAGE,
    LANGUAGES,
    catalogue,
    format_date,
    format_moment,
    format_time,
)
from idp.foundation.mail import rules
from idp.settings import Settings

_TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's content."""

    language: str
    subject: str
    text: str
    html: str


def render(
    settings: Settings, template: str, language: str, values: Mapping[str, object]
) -> Rendered:
    """Render both parts; what people typed is made harmless first, so templates need no care.

    jinja2's errors when the template is missing or asks for a value that was not given.
    """
    language = language if language in LANGUAGES else DEFAULT_LANGUAGE
    given = {
        **rules.harmless(values),
        "brand": settings.brand,
        "language": language,
        "link": _linker(settings.issuer),
    }
    subject, text = rules.parted(_environment().get_template(f"mail/{template}.txt").render(given))
    page = _environment().get_template(f"mail/{template}.html").render(given)
    return Rendered(language, subject, text, _inliner().inline(page))


def _linker(issuer: str) -> Callable[..., str]:
    # Every link begins with the configured issuer: no Host header can point it elsewhere (RC-01).
    def link(path: str, **query: str) -> str:
        address = urljoin(f"{issuer.rstrip('/')}/", quote(path.lstrip("/")))
        return f"{address}?{urlencode(query)}" if query else address

    return link


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        time=_localized(format_time), date=_localized(format_date), moment=_localized(format_moment)
    )
    return made


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


@pass_context
def _gettext(context: TemplateContext, message: str) -> str:
    return catalogue(str(context["language"])).gettext(message)


@pass_context
def _ngettext(context: TemplateContext, one: str, many: str, number: int) -> str:
    return catalogue(str(context["language"])).ngettext(one, many, number)


def _localized(
    write: Callable[[str, str, datetime], str],
) -> Callable[[TemplateContext, datetime], str]:
    @pass_context
    def written(context: TemplateContext, moment: datetime) -> str:
        return write(str(context["language"]), context["brand"].time_zone, moment)

    return written
