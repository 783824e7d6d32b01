"""A person whose browser runs no JavaScript.

Follows links and redirects, fills forms, keeps cookies. Works against running servers, and against
applications inside the test's own process by handing
them in as `applications` (origin to WSGI application).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from tests.parts.html import Element, Form, button_text, forms_of, parse

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS = 20
_KEEPS_METHOD = frozenset((307, 308))

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Answer:
    """One answer, read as a page when it is one."""

    visitor: "Visitor"
    response: httpx.Response

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def url(self) -> str:
        """Where it came from, after redirects."""
        return str(self.response.url)

    @property
    def path(self) -> str:
        """The path of its address."""
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        """The first value of each query parameter of its address."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    @property
    def location(self) -> str:
        """Where a redirect leads; empty for any other answer."""
        return urljoin(self.url, str(self.response.headers.get("location", "")))

    @cached_property
    def document(self) -> Element:
        """The page as a tree."""
        return parse(self.response.text)

    @property
    def text(self) -> str:
        """Everything a person can read on the page."""
        return self.document.text

    @property
    def heading(self) -> str:
        """The page's h1."""
        return next((element.text for element in self.document.all("h1")), "")

    @property
    def title(self) -> str:
        """The page's title."""
        found = next(self.document.all("title"), None)
        return " ".join(part for part in found.inside if isinstance(part, str)) if found else ""

    @property
    def forms(self) -> list[Form]:
        """The page's forms."""
        return forms_of(self.document)

    def link(self, text: str) -> str:
        """Return the address of the link with this text. Raises AssertionError with all links."""
        links = {element.text: element.get("href") for element in self.document.all("a")}
        found = [href for shown, href in links.items() if text.lower() in shown.lower()]
        assert found, f"{self.url} has no link “{text}”; it has {links}"
        return urljoin(self.url, found[0])

    def click(self, text: str) -> "Answer":
        """Follow the link with this text."""
        return self.visitor.open(self.link(text), came_from=self.url)

    def form(self, button: str | None = None, fields: Iterable[str] = ()) -> Form:
        """Return the one form with this button text and these fields.

        Raises AssertionError with all forms when there is none, or more than one.
        """
        found = [form for form in self.forms if _fits(form, button, set(fields))]
        assert len(found) == 1, (
            f"{self.url}: {len(found)} forms fit button {button!r} and fields {set(fields)}. "
            f"Forms: {[*map(_described, self.forms)]}\n{self.text[:600]}"
        )
        return found[0]

    def submit(
        self, values: Mapping[str, str] | None = None, *, button: str | None = None
    ) -> "Answer":
        """Fill a form (hidden fields stay as they are) and send it by its button."""
        form = self.form(button, values or ())
        pressed = [one for one in form.buttons if button is None or _says(one, button)][:1]
        extra = {one.get("name"): one.get("value") for one in pressed if one.get("name")}
        sent = form.values() | dict(values or {}) | extra
        action = next((one.get("formaction") for one in pressed), "") or form.action
        target = urljoin(self.url, action or self.url)
        return self.visitor.send(form.method, target, sent, came_from=self.url)


class Visitor:
    """One person's browser."""

    def __init__(
        self, applications: Mapping[str, WSGIApplication] | None = None, language: str = "en"
    ) -> None:
        """applications: served inside this process, by origin; others go over the network."""
        mounts = {
            origin: httpx.WSGITransport(app=application, raise_app_exceptions=True)
            for origin, application in (applications or {}).items()
        }
        self.client = httpx.Client(
            mounts=mounts,
            headers={"Accept-Language": language, "User-Agent": "browserless"},
            timeout=30,
            trust_env=False,
        )
        if language != "en":
            # Chosen here: signing in to an account in another language does not change it.
            self.client.cookies.set("idp_language", language)

    def open(self, url: str, *, follow: bool = True, came_from: str | None = None) -> Answer:
        """Open an address; follows redirects unless told not to."""
        return self._request("GET", url, None, came_from, follow=follow)

    def send(
        self,
        method: str,
        url: str,
        values: Mapping[str, str],
        *,
        came_from: str | None = None,
        follow: bool = True,
    ) -> Answer:
        """Send a form's values."""
        if method == "GET":
            merged = httpx.URL(url).copy_merge_params(dict(values))
            return self._request("GET", str(merged), None, came_from, follow=follow)
        return self._request("POST", url, values, came_from, follow=follow)

    def close(self) -> None:
        """Close the browser."""
        self.client.close()

    def _request(
        self,
        method: str,
        url: str,
        values: Mapping[str, str] | None,
        came_from: str | None,
        *,
        follow: bool,
    ) -> Answer:
        answer = self._send(method, url, values, came_from)
        for _ in range(_MOST_REDIRECTS):
            if not follow or answer.status not in _REDIRECTS:
                return answer
            if answer.status not in _KEEPS_METHOD:
                method, values = "GET", None
            answer = self._send(method, answer.location, values, None)
        raise AssertionError(f"more than {_MOST_REDIRECTS} redirects, now at {answer.url}")

    def _send(
        self, method: str, url: str, values: Mapping[str, str] | None, came_from: str | None
    ) -> Answer:
        headers = {}
        if method == "POST":
            origin = urlsplit(came_from or url)
            headers = {"Origin": f"{origin.scheme}://{origin.netloc}"}
        if came_from:
            headers["Referer"] = came_from
        return Answer(self, self.client.request(method, url, data=values, headers=headers))


def _described(form: Form) -> tuple[str, set[str], list[str]]:
    return form.action, form.field_names, [*map(button_text, form.buttons)]


def _fits(form: Form, button: str | None, fields: set[str]) -> bool:
    has_button = button is None or any(_says(one, button) for one in form.buttons)
    every_name = form.field_names | set(form.values())
    return has_button and fields <= every_name


def _says(button: Element, text: str) -> bool:
    return text.lower() in button_text(button).lower()
