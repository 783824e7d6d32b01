"""A person who reads pages and fills forms, in a real browser or in one without JavaScript.

Both walk the same way, so that a story is written once: `InBrowser` drives Chromium,
`WithoutScript` an HTTP client that does what the markup says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

from playwright.sync_api import Locator, Page

from tests.parts.browserless import Answer, Visitor
from tests.parts.html import Element, Form, button_text


class Walker(Protocol):
    """Somebody at a page."""

    @property
    def language(self) -> str:
        """The language their browser asks for."""
        ...

    @property
    def url(self) -> str:
        """The address of the page."""
        ...

    @property
    def heading(self) -> str:
        """The page's h1."""
        ...

    @property
    def text(self) -> str:
        """Everything that can be read on the page."""
        ...

    def open(self, url: str) -> None:
        """Type an address."""

    def follow(self, words: str) -> None:
        """Follow the first link with these words."""

    def send(self, values: Mapping[str, str], button: str) -> None:
        """Fill fields by their names and press the button with these words."""

    def shown(self, element_id: str) -> list[str]:
        """Return the text of an element, or of each item of a list."""
        ...

    def links(self, words: str) -> list[str]:
        """Return the addresses of the links with these words."""
        ...

    def tab(self) -> Self:
        """Open another tab of the same browser."""
        ...


@dataclass
class InBrowser:
    """Somebody at a real browser."""

    page: Page
    language: str = "en"

    @property
    def url(self) -> str:
        """The address of the page."""
        return self.page.url

    @property
    def heading(self) -> str:
        """The page's h1."""
        return self.page.locator("h1").inner_text()

    @property
    def text(self) -> str:
        """Everything that can be read on the page."""
        return " ".join(self.page.locator("body").inner_text().split())

    def open(self, url: str) -> None:
        """Type an address."""
        self.page.goto(url)

    def follow(self, words: str) -> None:
        """Follow the first link with these words."""
        self._go(self.page.get_by_role("link", name=words).first.click)

    def send(self, values: Mapping[str, str], button: str) -> None:
        """Fill fields by their names and press the button with these words."""
        place: Page | Locator = self.page
        for name, value in values.items():
            self._fill(name, value)
            place = self.page.locator("form", has=self.page.locator(f'[name="{name}"]'))
        self._go(place.get_by_role("button", name=button).first.click)

    def shown(self, element_id: str) -> list[str]:
        """Return the text of an element, or of each item of a list."""
        found = self.page.locator(f"#{element_id}")
        items = found.locator("li").all_inner_texts()
        return items or [found.inner_text()]

    def links(self, words: str) -> list[str]:
        """Return the addresses of the links with these words."""
        found = self.page.get_by_role("link", name=words)
        return [str(address) for address in found.evaluate_all("all => all.map(one => one.href)")]

    def tab(self) -> "InBrowser":
        """Open another tab of the same browser."""
        return InBrowser(self.page.context.new_page(), self.language)

    def _fill(self, name: str, value: str) -> None:
        # The name that a password keeper files a password under is hidden from people.
        box = self.page.locator(f'main [name="{name}"]:not([type=hidden]):not([hidden])')
        kind = box.first.get_attribute("type") or box.first.evaluate("one => one.localName")
        if kind in {"radio", "checkbox"}:
            chosen = box.and_(self.page.locator(f'[value="{value}"]')).get_attribute("id")
            self.page.locator(f'label[for="{chosen}"]').click()
        elif kind == "select":
            box.select_option(value)
        else:
            box.fill(value)

    def _go(self, click: Callable[[], None]) -> None:
        with self.page.expect_navigation():
            click()


@dataclass
class WithoutScript:
    """Somebody whose browser runs no JavaScript."""

    visitor: Visitor
    language: str = "en"
    answer: Answer = field(init=False)

    @property
    def url(self) -> str:
        """The address of the page."""
        return self.answer.url

    @property
    def heading(self) -> str:
        """The page's h1."""
        return self.answer.heading

    @property
    def text(self) -> str:
        """Everything that can be read on the page."""
        return self.answer.text

    def open(self, url: str) -> None:
        """Type an address."""
        self._arrive(self.visitor.open(url))

    def follow(self, words: str) -> None:
        """Follow the first link with these words."""
        self._arrive(self.answer.click(words))

    def send(self, values: Mapping[str, str], button: str) -> None:
        """Fill fields by their names and press the button with these words."""
        found = [one for one in self._forms() if _has(one, button, set(values))]
        assert found, f"{self.url}: no form with “{button}” and {set(values)}: {self.text[:600]}"
        target = self.answer.response.url.join(found[0].action)
        sent = found[0].values() | dict(values)
        origin = self.url
        self._arrive(self.visitor.send(found[0].method, str(target), sent, came_from=origin))

    def shown(self, element_id: str) -> list[str]:
        """Return the text of an element, or of each item of a list."""
        found = next(one for one in self.answer.document.all() if one.get("id") == element_id)
        return [item.text for item in found.all("li")] or [found.text]

    def links(self, words: str) -> list[str]:
        """Return the addresses of the links with these words."""
        found = [one for one in self.answer.document.all("a") if words in one.text]
        return [str(self.answer.response.url.join(one.get("href"))) for one in found]

    def tab(self) -> "WithoutScript":
        """Open another tab of the same browser."""
        return WithoutScript(self.visitor, self.language)

    def _forms(self) -> list[Form]:
        """Return the forms that can be seen: without a script a dialog stays closed."""
        closed = [
            form for dialog in self.answer.document.all("dialog") for form in dialog.all("form")
        ]
        return [form for form in self.answer.forms if not _is_among(form.element, closed)]

    def _arrive(self, answer: Answer) -> None:
        assert answer.status < 500, f"{answer.url} answered {answer.status}: {answer.text[:600]}"
        self.answer = answer


def _has(form: Form, button: str, names: set[str]) -> bool:
    has_button = any(button in button_text(one) for one in form.buttons)
    return has_button and names <= form.field_names


def _is_among(element: Element, others: list[Element]) -> bool:
    return any(element is other for other in others)
