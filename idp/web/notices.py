"""The terms of use, the privacy notice and the legal notice, from policies/notices/*.md."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, g
from markupsafe import Markup, escape

from idp.foundation.language import DEFAULT_LANGUAGE, N_
from idp.web.context import parts
from idp.web.guards import page
from idp.web.pages import render

blueprint = Blueprint("notices", __name__)
_TITLES = {
    "terms_of_use": N_("Terms of use"),
    "privacy": N_("Privacy notice"),
    "legal_notice": N_("Legal notice"),
}


@blueprint.get("/terms")
@page("anyone")
def terms() -> Response:
    """Show the terms of use in force."""
    return _notice("terms_of_use")


@blueprint.get("/privacy")
@page("anyone")
def privacy() -> Response:
    """Show the privacy notice."""
    return _notice("privacy")


@blueprint.get("/legal")
@page("anyone")
def legal() -> Response:
    """Show the legal notice."""
    return _notice("legal_notice")


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice. body: its text as HTML: headings, lists and paragraphs."""

    version: str
    body: Markup


def read(name: str) -> Notice:
    """Return a notice in this request's language."""
    language = g.get("language", DEFAULT_LANGUAGE)
    return _read(parts().settings.policies_dir / "notices" / f"{name}.{language}.md")


def _notice(name: str) -> Response:
    notice = read(name)
    return render(
        "notices/page.html", heading=_TITLES[name], version=notice.version, body=notice.body
    )


@lru_cache(maxsize=16)
def _read(path: Path) -> Notice:
    first, _, rest = path.read_text("utf-8").partition("\n")
    blocks = [block.strip() for block in rest.split("\n\n") if block.strip()]
    version = first.removeprefix("version:").strip()
    return Notice(version, Markup("\n").join(map(_block, blocks)))


def _block(text: str) -> Markup:
    if text.startswith("#"):
        return Markup("<h2>{}</h2>").format(text.lstrip("# "))
    if text.startswith("- "):
        items = (escape(line[2:]) for line in text.splitlines())
        return Markup('<ul class="usa-list">{}</ul>').format(
            Markup("").join(Markup("<li>{}</li>").format(item) for item in items)
        )
    return Markup("<p>{}</p>").format(" ".join(text.splitlines()))
