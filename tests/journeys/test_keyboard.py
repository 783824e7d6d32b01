"""Everything by the keyboard alone, with the place always visible."""

import pytest
from playwright.sync_api import expect

from tests.journeys import steps_provider as steps
from tests.journeys import steps_way as way
from tests.journeys.steps_keyboard import KeyboardOnly
from tests.parts.chromium import Chromium
from tests.parts.provider import Provider

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]


@pytest.fixture
def walker(chromium: Chromium) -> KeyboardOnly:
    """Somebody without a mouse."""
    return KeyboardOnly(chromium.person())


def test_registering_enrolling_and_entering_a_portal(
    walker: KeyboardOnly, provider: Provider
) -> None:
    way.become_somebody(walker, provider, steps.newcomer(), way.by_the_link)


def test_signing_in_and_out(walker: KeyboardOnly, provider: Provider) -> None:
    walker.open(f"{provider.url}/account")
    steps.sign_in(walker, provider, steps.seeded(provider, "newstaff"))
    assert walker.heading == "Your account"
    walker.follow("Sign out")
    walker.send({}, "Sign out")
    assert walker.heading == "You are signed out"


def test_the_first_stop_leads_past_the_header(walker: KeyboardOnly, provider: Provider) -> None:
    page = walker.page
    walker.open(f"{provider.url}/sign-in")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("[name=username]")).to_be_focused()


@pytest.mark.parametrize("path", ["/sign-in", "/register", "/unlock"])
def test_the_focus_moves_to_what_is_wrong_and_from_there_to_the_field(
    walker: KeyboardOnly, provider: Provider, path: str
) -> None:
    page = walker.page
    walker.open(f"{provider.url}{path}")
    walker.reach(page.locator("main form button[type=submit]"))
    page.keyboard.press("Enter")
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error:")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    fields = page.locator("main form :is([name=username], [name=account_type])")
    expect(fields.first).to_be_focused()
