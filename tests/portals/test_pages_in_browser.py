"""Every page of every portal in a real browser: both languages, wide and narrow, with axe."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portals.shared.app import create_portal
from portals.shared.clock import FixedClock
from tests.parts.axe import assert_accessible
from tests.parts.chromium import NARROW, WIDE, Chromium
from tests.parts.ports import free_ports
from tests.portals.fake_provider import FakeProvider, serving
from tests.portals.story import SITES, settings_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ACCESS = [
    {
        "organization": "Lakeside Family Clinic and Rehabilitation Associates",
        "npi": "1234567893",
        "role": "office_administrator",
        "rights": ["provider.eligibility", "provider.claims", "operations.portal"],
        "until": "2027-01-31",
    }
]


@dataclass
class Served:
    """The portals on ports of this machine."""

    urls: dict[str, str]
    provider: FakeProvider
    clock: FixedClock


@pytest.fixture
def served(provider: FakeProvider, clock: FixedClock, tmp_path: Path) -> Iterator[Served]:
    """The three portals over HTTP, beside the provider."""
    first = free_ports(len(SITES))
    urls = {key: f"http://localhost:{first + number}" for number, key in enumerate(SITES)}
    with ExitStack() as stack:
        for number, (key, site) in enumerate(SITES.items()):
            known = {f"{name}_portal_url": address for name, address in urls.items()}
            settings = settings_of(key, provider.issuer, tmp_path, base_url=urls[key], **known)
            app = create_portal(site, settings, clock)
            stack.callback(app.extensions["portal"].reporter.stop)
            stack.enter_context(serving(app, first + number))
        yield Served(urls, provider, clock)


def _look(page: Page) -> None:
    """Fail when axe finds anything, or when the page must be scrolled sideways."""
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        assert_accessible(page)
        hidden = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert hidden <= 0, f"{page.url} is {hidden} px too wide at {width}"


def _sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/secure")
    page.locator("main form button").click()
    page.wait_for_url(f"{url}/secure")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("key", SITES)
def test_every_page_is_accessible_and_fits(
    chromium: Chromium, served: Served, key: str, language: str
) -> None:
    page, url = chromium.person(language=language), served.urls[key]
    for path in ("/", "/help", "/legal", "/privacy", "/notice", "/nowhere", *SITES[key].pages):
        page.goto(f"{url}{path}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        _look(page)

    served.provider.person("oadmin")
    _sign_in(page, url)
    _look(page)
    served.provider.person("oadmin", access=ACCESS)
    for path in ("/secure", "/sign-out", "/session/check", "/"):
        page.goto(f"{url}{path}")
        _look(page)
    served.provider.is_down = True
    page.goto(f"{url}/secure")
    _look(page)
    served.provider.is_down = False
    page.goto(f"{url}/sign-out")
    page.locator("main button").click()
    page.wait_for_url(f"{url}/signed-out**")
    _look(page)


@pytest.mark.parametrize("answer", ["cancelled", "stale", "refused"])
def test_the_pages_of_a_sign_in_that_stopped_are_accessible(
    chromium: Chromium, served: Served, answer: str
) -> None:
    bent: dict[str, Callable[[dict[str, object]], None]] = {
        "cancelled": lambda sent: sent.update(code=None, error="access_denied"),
        "stale": lambda sent: sent.update(state="another"),
        "refused": lambda sent: sent.update(iss="https://another.example"),
    }
    served.provider.bend_answer = bent[answer]
    page = chromium.person()
    page.goto(f"{served.urls['recipient']}/register")
    _look(page)


def test_the_dialog_warns_and_the_person_stays(chromium: Chromium, served: Served) -> None:
    page, url = chromium.person(), served.urls["recipient"]
    _sign_in(page, url)
    dialog = page.locator("#idle-warning")
    expect(dialog).to_be_hidden()

    served.clock.advance(760)
    page.reload()
    served.clock.advance(760)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("2:")
    expect(dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
    _look(page)

    dialog.get_by_role("button", name="Stay signed in").click()
    expect(dialog).to_be_hidden()
    status = page.evaluate("fetch('/session/status').then(answer => answer.json())")
    assert status == {"active": True, "seconds_left": 900}


def test_escape_in_the_dialog_means_somebody_is_there(chromium: Chromium, served: Served) -> None:
    page = chromium.person()
    _sign_in(page, served.urls["recipient"])
    served.clock.advance(800)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#idle-warning")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.locator("#idle-warning")).to_be_hidden()


def test_the_dialog_signs_out_too(chromium: Chromium, served: Served) -> None:
    page, url = chromium.person(), served.urls["recipient"]
    _sign_in(page, url)
    served.clock.advance(800)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator("#idle-warning").get_by_role("button", name="Sign out").click()

    page.wait_for_url(f"{url}/signed-out**")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")


def test_a_session_that_is_over_leaves_the_screen(chromium: Chromium, served: Served) -> None:
    page, url = chromium.person(), served.urls["recipient"]
    _sign_in(page, url)
    served.clock.advance(900)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    page.wait_for_url(f"{url}/signed-out")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "You were signed out to protect your information"
    )


def test_everything_works_without_script(chromium: Chromium, served: Served) -> None:
    page, url = chromium.person(has_javascript=False), served.urls["provider"]
    served.provider.person("oadmin", access=ACCESS)
    page.goto(url)
    page.get_by_role("link", name="Español").click()
    page.get_by_role("link", name="Abrir el portal seguro").click()
    page.get_by_role("button", name="Acepto, continuar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Le damos la bienvenida, Oadmin")
    expect(page.locator("#idle-warning")).to_be_hidden()
    expect(page.get_by_text("Esta sesión termina a las")).to_be_visible()

    page.get_by_role("button", name="Cerrar sesión").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Su sesión está cerrada")
