"""Every text a person sees has its Spanish words."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from tools.places import ROOT

_KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    # The language stands first.
    "translate": (2,),
    "ntranslate": (2, 3),
}
_METHODS = {
    "*.py": "python",
    "*.html": "jinja2.ext:babel_extract",
    "*.txt": "jinja2.ext:babel_extract",
}
_JINJA = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
# The text of a message, or its singular and plural.
Text = str | tuple[str, ...] | list[str] | None


def _forms(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def _key(text: Text) -> str:
    return (_forms(text) or [""])[0]


def _sources(package: str) -> Iterator[tuple[Path, str]]:
    for pattern, method in _METHODS.items():
        for path in sorted((ROOT / package).rglob(pattern)):
            is_ours = "static" not in path.parts
            if is_ours and (method == "python" or "templates" in path.parts):
                yield path, method


def _written(package: str) -> dict[str, str]:
    """Return each text that is marked for translation, with the place where it stands."""
    found: dict[str, str] = {}
    for path, method in _sources(package):
        options = _JINJA if "jinja2" in method else {}
        content = BytesIO(path.read_bytes())
        for line, text, _, _ in extract(method, content, _KEYWORDS, (), options):
            if _key(text):
                found[_key(text)] = f"{path.relative_to(ROOT)}:{line}"
    return found


def _catalogues(package: str) -> dict[str, Catalog]:
    folder = ROOT / package / "translations" / "es"
    found = {}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            found[str(path.relative_to(ROOT))] = read_po(file, locale="es", abort_invalid=True)
    return found


def _translated(package: str) -> Iterator[tuple[str, Message]]:
    for name, catalogue in _catalogues(package).items():
        for message in catalogue:
            if message.id:
                yield name, message


@pytest.mark.parametrize("package", ["idp", "portals"])
def test_every_text_has_spanish_words(package: str) -> None:
    known = {_key(message.id) for _, message in _translated(package)}
    written = _written(package)
    assert written, "no text found: this test looks in the wrong place"
    missing = [f"{place}: {text!r}" for text, place in written.items() if text not in known]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("package", ["idp", "portals"])
def test_every_spanish_entry_is_used(package: str) -> None:
    written = _written(package)
    unused = [
        f"{name}: {_key(message.id)!r}"
        for name, message in _translated(package)
        if _key(message.id) not in written
    ]
    assert not unused, "\n".join(unused)


@pytest.mark.parametrize("package", ["idp", "portals"])
def test_no_spanish_entry_is_empty_or_doubtful(package: str) -> None:
    bad = [
        f"{name}: {_key(message.id)!r}"
        for name, message in _translated(package)
        if message.fuzzy or not message.string or not all(_forms(message.string))
    ]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("package", ["idp", "portals"])
def test_spanish_entries_keep_the_placeholders(package: str) -> None:
    bad = []
    for name, message in _translated(package):
        if _placeholders(message.id) != _placeholders(message.string):
            bad.append(f"{name}: {_key(message.id)!r}")
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("package", ["idp", "portals"])
def test_one_text_has_one_translation(package: str) -> None:
    seen: dict[str, tuple[str, object]] = {}
    different = []
    for name, message in _translated(package):
        other = seen.setdefault(_key(message.id), (name, message.string))
        if other[1] != message.string:
            different.append(f"{_key(message.id)!r}: {other[0]} and {name}")
    assert not different, "\n".join(different)


def _placeholders(text: Text) -> set[str]:
    return {name for form in _forms(text) for name in _PLACEHOLDER.findall(form)}
