"""Looking at a page as a demanding reader would, on a wide screen and on an old phone.

With IDP_SCREENSHOTS=1 the pictures that the documentation shows are written anew; with
IDP_SCREENSHOTS=FOLDER every page is pictured there.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page

from tests.journeys.hearing import focus_elsewhere, unheard
from tests.journeys.steps import InBrowser
from tests.parts.axe import violations
from tests.parts.chromium import NARROW, WIDE
from tools.places import ROOT

_DOCUMENTED = ROOT / "docs" / "screenshots"
_OF_PAGES_ALONE = ("region", "landmark")
_DEAD = frozenset((404, 405))
_HEIGHTS = {WIDE: 800, NARROW: 640}
_CHOSEN = frozenset(
    (
        "sign-in.en.1280",
        "sign-in-errors.es.320",
        "register.en.320",
        "register-password.es.320",
        "check-email.en.1280",
        "enroll.en.1280",
        "enroll.es.320",
        "recovery-codes.en.320",
        "account.es.1280",
        "idle-dialog.en.1280",
        "recipient.en.1280",
        "recipient-secure.es.320",
        "provider-secure.en.1280",
        "provider-no-access.en.320",
        "enroll-choice.en.320",
        "security-app-added.en.1280",
        "sessions.en.1280",
        "profile-errors.es.320",
        "email-waits.en.320",
        "lost-factor.es.320",
        "mfa-recovery-banner.en.320",
        "not-me.en.1280",
        "resume.es.320",
        "closing.en.1280",
        "terms-accept.en.1280",
        "mail-new-sign-in-to-your-account.en.600",
        "mail-set-up-your-new-second-factor.en.320",
        "mail-su-codigo-para-restablecer-su-contrasena.es.320",
    )
)


@dataclass
class Looker:
    """Looks at pages and keeps what is wrong with them, so that one test tells of all."""

    walker: InBrowser
    findings: list[str] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)

    @property
    def language(self) -> str:
        """The language that every page should speak."""
        return self.walker.language

    def open(self, address: str, name: str) -> None:
        """Open a page and look at it."""
        self.walker.open(address)
        self.look(name)

    @contextmanager
    def at(self, page: Page) -> Iterator[InBrowser]:
        """Look from another window for a while."""
        former, self.walker = self.walker, InBrowser(page, self.language)
        try:
            yield self.walker
        finally:
            page.close()
            self.walker = former

    def look(self, name: str, walker: InBrowser | None = None) -> None:
        """Look at the page that is shown. name: for findings and pictures."""
        page = (walker or self.walker).page
        self.visited.add(urlsplit(page.url).path)
        self.links |= _links_elsewhere(page)
        self._find(name, self._unfinished(page) + focus_elsewhere(page))
        for width in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": _HEIGHTS[width]})
            self._find(f"{name} at {width}", violations(page) + unheard(page))
            self._find(f"{name} at {width}", _too_wide(page, width))
            self._picture(page, f"{name}.{self.language}.{width}")

    def look_at_mail(self, name: str, widths: Sequence[int]) -> None:
        """Look at the mail that is shown: it has a title and words, and no landmarks of ours."""
        page = self.walker.page
        self._find(name, self._unfinished(page))
        for width in widths:
            page.set_viewport_size({"width": width, "height": _HEIGHTS[WIDE]})
            found = [one for one in violations(page) if not one.startswith(_OF_PAGES_ALONE)]
            self._find(f"{name} at {width}", found + _too_wide(page, width))
            self._picture(page, f"{name}.{self.language}.{width}")

    def assert_nothing_found(self) -> None:
        """Fail with everything that was found, and with links that lead nowhere."""
        self._find("link", _dead(self.links))
        assert not self.findings, "\n".join(self.findings)

    def _find(self, name: str, findings: list[str]) -> None:
        self.findings += [f"{name}: {finding}" for finding in findings]

    def _unfinished(self, page: Page) -> list[str]:
        headings = page.locator("h1").count()
        language = page.locator("html").get_attribute("lang")
        return [
            *([f"{headings} headings of the first level"] if headings != 1 else []),
            *([f"lang is {language}"] if language != self.language else []),
            *([] if page.title().strip() else ["no title"]),
        ]

    def _picture(self, page: Page, name: str) -> None:
        wanted = os.environ.get("IDP_SCREENSHOTS", "")
        if not wanted or (wanted == "1" and name not in _CHOSEN):
            return
        folder = _DOCUMENTED if wanted == "1" else Path(wanted)
        folder.mkdir(parents=True, exist_ok=True)
        page.mouse.move(0, 0)
        is_dialog = page.locator("dialog[open]").count() > 0
        page.screenshot(path=folder / f"{name}.png", full_page=not is_dialog)


def _links_elsewhere(page: Page) -> set[str]:
    """Return where the page's links lead, but to itself; without what belongs to one visit."""
    found: list[str] = page.evaluate("[...document.links].map(one => one.href)")
    lasting = (urlsplit(one) for one in found if "token=" not in one)
    addresses = {one._replace(query="", fragment="").geturl() for one in lasting}
    own = urlsplit(page.url)._replace(query="", fragment="").geturl()
    return {one for one in addresses if one.startswith("http")} - {own}


def _dead(links: set[str]) -> list[str]:
    """Return the links that find no page, or one that is broken, when anybody opens them."""
    with httpx.Client(follow_redirects=True, trust_env=False) as client:
        answers = {link: client.get(link).status_code for link in links}
    return [f"{one} answers {got}" for one, got in answers.items() if got in _DEAD or got >= 500]


def _too_wide(page: Page, width: int) -> list[str]:
    needed = int(page.evaluate("document.scrollingElement.scrollWidth"))
    return [f"{needed} pixels wide: it scrolls sideways"] if needed > width else []
