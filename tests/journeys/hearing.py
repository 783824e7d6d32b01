"""A page as a screen reader is given it: the accessibility tree that Chromium computes.

axe judges the markup; this asks what comes out of it: what each control is called, what is told
with it, which landmarks lead through the page, and whether changes are announced.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self
from weakref import WeakKeyDictionary

from playwright.sync_api import CDPSession, Page

_SESSIONS: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()
_LANDMARKS = ("banner", "main", "contentinfo")
_TOLD_APART = ("navigation", "region")
_CONTROLS = frozenset(
    ("button", "link", "textbox", "combobox", "checkbox", "radio", "DisclosureTriangle", "dialog")
)
_TABLES = frozenset(("table", "columnheader", "rowheader"))
# A region that is not rendered announces nothing when a script fills it later.
_MUTE = """[...document.querySelectorAll("[role=status], [role=alert], [aria-live]")]
  .filter(one => !one.closest("dialog:not([open])") && !one.checkVisibility())
  .map(one => one.outerHTML.slice(0, 200))"""
_WITH_HINT = """[...document.querySelectorAll("main .usa-form-group")]
  .filter(one => !one.matches("fieldset")).flatMap(group => {
    const hint = group.querySelector(":scope > .usa-hint");
    const control = group.querySelector("input, select, textarea");
    const ids = (control?.getAttribute("aria-describedby") || "").split(" ");
    return hint && !ids.includes(hint.id) ? [hint.textContent] : [];
  })"""
# In a table the row says which of several things a link is about.
_LINKS = """[...document.links].filter(one => one.checkVisibility() && !one.closest("tr"))
  .map(one => [one.textContent.replace(/\\s+/g, " ").trim(), one.href])"""
_FOCUS = """() => {
  const said = document.querySelector("[data-error-summary]")
    ?? document.querySelector("[data-success]");
  return !said || said === document.activeElement;
}"""


@dataclass(frozen=True)
class Heard:
    """One thing that a screen reader may stop at."""

    role: str
    name: str
    description: str
    level: int
    is_wrong: bool

    @classmethod
    def of(cls, node: dict[str, Any]) -> Self:
        """Read a node of the protocol's tree."""
        more = {one["name"]: one["value"].get("value") for one in node.get("properties", ())}
        return cls(
            role=_value(node, "role"),
            name=_value(node, "name").strip(),
            description=_value(node, "description").strip(),
            level=int(more.get("level") or 0),
            is_wrong=more.get("invalid") == "true",
        )


def unheard(page: Page) -> list[str]:
    """Return a line for each thing that somebody who hears the page would miss."""
    heard = tree(page)
    return [
        *_wrong_ways_through(heard),
        *_nameless(heard),
        *_wrong_without_words(heard),
        *_links_alike(page.evaluate(_LINKS)),
        *(f"announces nothing: {one}" for one in page.evaluate(_MUTE)),
        *(f"a hint that is not told with its field: {one}" for one in page.evaluate(_WITH_HINT)),
    ]


def focus_elsewhere(page: Page) -> list[str]:
    """Return a line when a page says what is wrong, or was done, and the focus is not there."""
    return [] if page.evaluate(_FOCUS) else ["what the page says first has not got the focus"]


def tree(page: Page) -> Sequence[Heard]:
    """Return everything in the tree, in the order of the page."""
    nodes = _session(page).send("Accessibility.getFullAXTree")["nodes"]
    return [Heard.of(node) for node in nodes if not node["ignored"]]


def _session(page: Page) -> CDPSession:
    """Return the page's own line to the browser; hanging one up would forget its passkeys."""
    if page not in _SESSIONS:
        _SESSIONS[page] = page.context.new_cdp_session(page)
    return _SESSIONS[page]


def _value(node: dict[str, Any], key: str) -> str:
    return str(node.get(key, {}).get("value") or "")


def _wrong_ways_through(heard: Sequence[Heard]) -> list[str]:
    if any(one.role == "dialog" for one in heard):
        return []  # a modal dialog is all there is
    headings = [one for one in heard if one.role == "heading"]
    return _wrong_landmarks(heard) + _wrong_headings(headings)


def _wrong_landmarks(heard: Iterable[Heard]) -> list[str]:
    count = Counter(one.role for one in heard)
    names = Counter((one.role, one.name) for one in heard if one.role in _TOLD_APART)
    return [
        *(f"{count[role]} landmarks {role}" for role in _LANDMARKS if count[role] != 1),
        *(f"{role} without a name" for role, name in names if not name),
        *(f"{many} landmarks {what}" for what, many in names.items() if many > 1),
    ]


def _wrong_headings(headings: Sequence[Heard]) -> list[str]:
    first = [one.name for one in headings if one.level == 1]
    jumps = [
        f"heading “{below.name}” of level {below.level} under one of level {above.level}"
        for above, below in pairwise(headings)
        if below.level > above.level + 1
    ]
    return [*([] if len(first) == 1 and first[0] else [f"h1: {first}"]), *jumps]


def _nameless(heard: Iterable[Heard]) -> list[str]:
    wanted = _CONTROLS | _TABLES
    return [f"{one.role} without a name" for one in heard if one.role in wanted and not one.name]


def _wrong_without_words(heard: Iterable[Heard]) -> list[str]:
    wrong = (one for one in heard if one.is_wrong and not one.description)
    return [f"{one.role} “{one.name}” is wrong, but nothing says why" for one in wrong]


def _links_alike(links: Iterable[tuple[str, str]]) -> list[str]:
    """Return links whose words are the same and whose ends are not (WCAG 2.4.4)."""
    ends: dict[str, set[str]] = {}
    for words, address in links:
        ends.setdefault(words, set()).add(address)
    return [f"“{words}” leads to {sorted(to)}" for words, to in ends.items() if len(to) > 1]
