"""Everything by the keyboard alone, with the place always visible."""

import pytest
from playwright.sync_api import expect

from tests.journeys import steps_provider as steps
from tests.journeys import steps_waits as waits
from tests.journeys import steps_way as way
from tests.journeys.steps_keyboard import KeyboardOnly
from tests.parts.chromium import NARROW, Chromium
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


def test_replacing_a_lost_phone(walker: KeyboardOnly, provider: Provider) -> None:
    person = steps.become(walker, provider)
    walker.follow("Sign out")
    walker.send({}, "Sign out")
    waits.lose_the_factor(walker, provider, person)
    waits.pass_a_day(provider)
    mail = steps.open_mail(walker.tab(), provider, person, subject=waits.RECOVERY_READY)
    walker.open(mail.link_to("/lost-factor/replace"))
    walker.send({"password": person.password}, "End the old factors and continue")
    steps.enrol(walker, provider, person)
    assert walker.heading == "Your account"


def test_the_pages_of_the_account_unfold_on_a_phone(
    walker: KeyboardOnly, provider: Provider
) -> None:
    walker.page.set_viewport_size({"width": NARROW, "height": 640})
    walker.open(f"{provider.url}/account/activity")
    steps.sign_in(walker, provider, steps.seeded(provider, "newstaff"))
    walker.reach(walker.page.locator("summary:visible"))
    walker.page.keyboard.press("Enter")
    walker.follow("Sessions and browsers")
    assert walker.heading == "Sessions and browsers"


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


@pytest.mark.parametrize("path", ["/sign-in", "/register", "/unlock", "/forgot-password"])
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
