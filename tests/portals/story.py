"""Who and what the portals' stories are about."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from portals.operations.site import SITE as OPERATIONS
from portals.provider.site import SITE as PROVIDER
from portals.recipient.site import SITE as RECIPIENT
from portals.shared.clock import FixedClock
from portals.shared.parts import Parts
from portals.shared.settings import PortalSettings
from tests.parts.browserless import Answer, Visitor

START = 1_772_463_600
SITES = {site.key: site for site in (PROVIDER, RECIPIENT, OPERATIONS)}
URLS = {key: f"http://localhost:{18310 + number}" for number, key in enumerate(SITES)}


@dataclass
class Portals:
    """The three portals of one test."""

    apps: dict[str, Flask]
    clock: FixedClock

    def parts(self, key: str) -> Parts:
        """Return what one portal is made of."""
        made: Parts = self.apps[key].extensions["portal"]
        return made

    def report_due(self, key: str) -> int:
        """Let a portal send the reports that are due at this moment of the still clock."""
        return self.parts(key).reporter.report_due()


@dataclass
class Person:
    """Somebody with a browser."""

    visitor: Visitor
    portals: Portals

    def open(self, key: str, path: str = "/", *, follow: bool = True) -> Answer:
        """Open a page of a portal."""
        return self.visitor.open(f"{URLS[key]}{path}", follow=follow)

    def post(self, key: str, path: str, values: dict[str, str] | None = None) -> Answer:
        """Post to a portal without any page before; redirects are shown, not followed."""
        return self.visitor.send("POST", f"{URLS[key]}{path}", values or {}, follow=False)

    def sign_in(self, key: str) -> Answer:
        """Go through the legal notice into the secure part."""
        page = self.open(key, "/secure")
        return page.submit(button=self._agree) if page.path == "/notice" else page

    @property
    def _agree(self) -> str:
        return "Acepto" if self.visitor.client.headers["Accept-Language"] == "es" else "I agree"

    def status(self, key: str) -> dict[str, object]:
        """Ask how long the session lasts, as the page's script does."""
        answered: dict[str, object] = self.open(key, "/session/status").response.json()
        return answered


def settings_of(key: str, issuer: str, folder: Path, **more: Any) -> PortalSettings:
    """Return the settings of one portal of the test; `more` replaces some."""
    usual: dict[str, Any] = {
        "environment": "test",
        "issuer": issuer,
        "base_url": URLS[key],
        "client_secret": "a-secret",
        "data_dir": folder / key,
    }
    return PortalSettings(**(usual | more))
