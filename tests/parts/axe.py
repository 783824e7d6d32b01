"""axe-core in the page under test: what a machine can find of WCAG 2.2 AA."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.parts.programs import PartMissing
from tools.places import NODE_MODULES

_SOURCE = NODE_MODULES / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What passes is not told in full: gathering it costs more than the rules.
_RUN = "rules => axe.run({runOnly: rules, resultTypes: ['violations'], elementRef: false})"


def violations(page: Page) -> list[str]:
    """Return a line for each element that breaks a rule; empty when axe finds nothing."""
    if not page.evaluate("'axe' in window"):  # a page may be looked at in several widths
        page.evaluate(_source())
    found: dict[str, Any] = page.evaluate(_RUN, _RULES)
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:200]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    """Fail with everything axe finds on the page, and its address."""
    found = violations(page)
    assert not found, f"{page.url}:\n" + "\n".join(found)


@cache
def _source() -> str:
    if not _SOURCE.exists():
        raise PartMissing("axe-core is missing: python3 dev.py test --setup-only brings it")
    return _SOURCE.read_text(encoding="utf-8")
