"""Somebody at a real browser who has no mouse: Tab, Enter, Space and the arrow keys."""

from collections.abc import Mapping

from playwright.sync_api import Locator

from tests.journeys.steps import InBrowser

_MOST_STOPS = 80
_MOST_CHOICES = 10
_LOOKS, _PAUSE_MILLISECONDS = 40, 25
# The ring stands on what has the focus, or on the drawn box of a radio button or checkbox.
_HAS_RING = """() => {
  const one = document.activeElement;
  if (one === document.body) return true;  // between the end of the page and its beginning
  const drawn = one.labels && one.labels[0] ? getComputedStyle(one.labels[0], "::before") : null;
  return [getComputedStyle(one), drawn].some((style) => style
    && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
}"""
_IS_SEEN = """() => {
  const one = document.activeElement;
  const shown = one.type === "radio" || one.type === "checkbox" ? one.labels[0] : one;
  const box = shown.getBoundingClientRect();
  return one === document.body || (box.bottom > 0 && box.top < innerHeight && box.width > 0);
}"""


class KeyboardOnly(InBrowser):
    """Reaches everything in the order of the page, and sees at each stop where they are."""

    def tab(self) -> "KeyboardOnly":
        """Open another tab of the same browser."""
        return KeyboardOnly(self.page.context.new_page(), self.language)

    def follow(self, words: str) -> None:
        """Follow the first link with these words."""
        self.reach(self.page.get_by_role("link", name=words).first)
        self._go(lambda: self.page.keyboard.press("Enter"))

    def send(self, values: Mapping[str, str], button: str) -> None:
        """Fill fields by their names and press the button with these words."""
        for name, value in values.items():
            self._type(self.page.locator(f'main [name="{name}"]:not([hidden])'), value)
        self.reach(self.page.get_by_role("button", name=button, exact=True).first)
        self._go(lambda: self.page.keyboard.press("Space"))

    def reach(self, wanted: Locator) -> None:
        """Press Tab until one of these elements has the focus."""
        for _ in range(_MOST_STOPS):
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(_HAS_RING), f"no visible focus: {self.focused()}"
            self._wait_until_seen()
            if wanted.evaluate_all("all => all.includes(document.activeElement)"):
                return
        raise AssertionError(f"the keyboard does not reach {wanted}")

    def _wait_until_seen(self) -> None:
        """Wait for what slides into sight; what stays hidden or behind the edge fails."""
        for _ in range(_LOOKS):
            if self.page.evaluate(_IS_SEEN):
                return
            self.page.wait_for_timeout(_PAUSE_MILLISECONDS)
        raise AssertionError(f"focus out of sight: {self.focused()}")

    def focused(self) -> str:
        """Return the markup of what has the focus, for a message."""
        return str(self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))

    def _type(self, box: Locator, value: str) -> None:
        self.reach(box)
        kind = box.first.get_attribute("type")
        if kind == "checkbox":
            self.page.keyboard.press("Space")
        elif kind == "radio":
            self._choose(value)
        else:
            self.page.keyboard.type(value)

    def _choose(self, value: str) -> None:
        self.page.keyboard.press("Space")
        for _ in range(_MOST_CHOICES):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no choice {value}")
