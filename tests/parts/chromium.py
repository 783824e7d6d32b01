"""A real Chromium for journeys: the one that set-up unpacked, or the one IDP_CHROMIUM names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.parts.programs import PartMissing
from tools import browser, node

# Not the package's own list, which turns the same-origin policy off.
_ARGUMENTS = (
    "--no-sandbox",
    "--headless=shell",
    "--no-zygote",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
WIDE, NARROW = 1280, 320
_HEIGHT = 900
_TIMEOUT_MILLISECONDS = 15_000


@dataclass
class Chromium:
    """A browser; each person in a story gets a window of their own, with its own cookies."""

    browser: Browser
    complaints: list[str] = field(default_factory=list)
    _open: list[BrowserContext] = field(default_factory=list)

    def person(
        self, *, width: int = WIDE, has_javascript: bool = True, language: str = "en"
    ) -> Page:
        """Open a fresh window (own cookies) and return its page.

        What the console complains about, such as a blocked style or a script error, is kept in
        `complaints`; the fixture fails a test that leaves any.
        """
        context = self.browser.new_context(
            viewport={"width": width, "height": _HEIGHT},
            java_script_enabled=has_javascript,
            locale={"en": "en-US", "es": "es-US"}[language],
            timezone_id="America/New_York",
        )
        if language != "en":
            # Chosen here: signing in to an account in another language does not change it.
            context.add_cookies(
                [
                    {
                        "name": "idp_language",
                        "value": language,
                        "domain": "localhost",
                        "path": "/",
                    }
                ]
            )
        context.set_default_timeout(_TIMEOUT_MILLISECONDS)
        context.on("console", self._hear)
        context.on("weberror", lambda failure: self.complaints.append(str(failure.error)))
        self._open.append(context)
        return context.new_page()

    def close_all(self) -> None:
        """Close every window."""
        for context in self._open:
            context.close()
        self._open.clear()

    def _hear(self, message: ConsoleMessage) -> None:
        is_answer = message.text.startswith("Failed to load resource: the server responded with")
        if message.type == "error" and not is_answer:
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


@contextmanager
def running_chromium() -> Iterator[Chromium]:
    """Run a browser. Raises PartMissing with what to do when there is none."""
    program = os.environ.get("IDP_CHROMIUM") or str(browser.PROGRAM)
    if not os.path.exists(program):  # noqa: PTH110 - a name given by the caller
        raise PartMissing(f"No browser at {program}: python3 dev.py test --setup-only brings one")
    # The driver's own node needs a library that minimal systems lack.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node.node()))
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=program, args=list(_ARGUMENTS), env=_environment()
        )
        try:
            yield Chromium(running)
        finally:
            running.close()


def _environment() -> dict[str, str | float | bool]:
    """Return the browser's environment; its libraries must not reach any other program."""
    environment: dict[str, str | float | bool] = dict(os.environ)
    if not browser.is_chosen_by_caller():
        environment |= {
            "LD_LIBRARY_PATH": str(browser.LIBRARIES),
            "FONTCONFIG_FILE": str(browser.FONTS_CONF),
        }
    return environment
