"""What a browser without JavaScript makes of a page: text, links, forms and their first values."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
_UNSEEN = frozenset(("script", "style", "template", "head", "svg"))
_BUTTON_TYPES = frozenset(("submit", "button", "reset", "image"))


@dataclass
class Element:
    """One element, its attributes and what is inside."""

    tag: str
    attributes: dict[str, str]
    inside: "list[Element | str]" = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        """Return an attribute's value."""
        return self.attributes.get(name, default)

    def all(self, *tags: str) -> "Iterator[Element]":
        """Go through the elements inside, in document order; all of them without `tags`."""
        for part in self.inside:
            if isinstance(part, Element):
                if not tags or part.tag in tags:
                    yield part
                yield from part.all(*tags)

    @property
    def text(self) -> str:
        """The text a person can read, its white space collapsed."""
        return " ".join("".join(self._pieces()).split())

    def _pieces(self) -> Iterator[str]:
        if self.tag in _UNSEEN or "hidden" in self.attributes:
            return
        for part in self.inside:
            if isinstance(part, str):
                yield part
            else:
                yield from part._pieces()
                yield "" if part.tag in {"a", "abbr", "b", "em", "span", "strong"} else " "


class _Builder(HTMLParser):
    """Builds the tree; forgiving where browsers are."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].inside.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, element in enumerate(self._open) if element.tag == tag]
        if places:
            del self._open[places[-1] :]

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


def parse(markup: str) -> Element:
    """Parse a page into a tree."""
    builder = _Builder()
    builder.feed(markup)
    builder.close()
    return builder.root


@dataclass(frozen=True)
class Form:
    """A form, with the values that it would send as it stands.

    outside: buttons elsewhere on the page that name it as theirs.
    """

    element: Element
    outside: tuple[Element, ...] = ()

    @property
    def action(self) -> str:
        """Where it is sent; empty: to the page itself."""
        return self.element.get("action")

    @property
    def method(self) -> str:
        """GET or POST."""
        return self.element.get("method", "get").upper()

    @property
    def buttons(self) -> list[Element]:
        """Its submit buttons."""
        inside = self.element.all("button", "input")
        return [
            part
            for part in (*inside, *self.outside)
            if part.get("type", "submit" if part.tag == "button" else "text") in {"submit", "image"}
        ]

    @property
    def field_names(self) -> set[str]:
        """The names a person can fill in."""
        return {
            part.get("name")
            for part in self.element.all("input", "select", "textarea")
            if part.get("type") not in {"hidden", *_BUTTON_TYPES}
        }

    def values(self) -> dict[str, str]:
        """Return what would be sent if nobody touched it."""
        found: dict[str, str] = {}
        for part in self.element.all("input", "select", "textarea"):
            name = part.get("name")
            if name and "disabled" not in part.attributes and (value := _value(part)) is not None:
                found[name] = value
        return found


def forms_of(page: Element) -> list[Form]:
    """Return the forms of a page."""
    return [Form(one, _outside(page, one.get("id"))) for one in page.all("form")]


def _outside(page: Element, form_id: str) -> tuple[Element, ...]:
    named = (part for part in page.all("button") if form_id and part.get("form") == form_id)
    return tuple(part for part in named if "hidden" not in part.attributes)


def button_text(button: Element) -> str:
    """Return what stands on a button."""
    return button.text or button.get("value") or button.get("aria-label")


def _value(part: Element) -> str | None:
    kind = part.get("type", "text") if part.tag == "input" else part.tag
    if kind in _BUTTON_TYPES:
        return None
    if kind in {"checkbox", "radio"}:
        return part.get("value", "on") if "checked" in part.attributes else None
    if kind == "select":
        return _selected(part)
    return part.text if kind == "textarea" else part.get("value")


def _selected(part: Element) -> str | None:
    options = list(part.all("option"))
    chosen = [option for option in options if "selected" in option.attributes] or options[:1]
    return chosen[0].get("value", chosen[0].text) if chosen else None
