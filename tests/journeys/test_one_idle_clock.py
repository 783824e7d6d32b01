"""Fifteen minutes after the last action, wherever it was, the session ends in all applications."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys import steps_portals as portals
from tests.journeys import steps_provider as steps
from tests.journeys.steps import InBrowser, WithoutScript
from tests.journeys.steps_clock import APPLICATIONS, IDP, Everywhere, authorization_address
from tests.journeys.steps_provider import Person
from tests.parts.fixtures import OpenBrowserless
from tests.parts.provider import Provider
from tools.demonstration import PORTALS

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

_TRIES_ON_A_BUSY_MACHINE = 5


@pytest.fixture(scope="module")
def person(provider: Provider) -> Person:
    """Somebody whom every portal knows; what it lets them see does not matter here."""
    return steps.seeded(provider, "rrecipient")


@pytest.fixture
def everywhere(browserless: OpenBrowserless, provider: Provider, person: Person) -> Everywhere:
    """The person, signed in to all four applications."""
    made = Everywhere(WithoutScript(browserless()), provider, person)
    made.enter()
    return made


# Ten seconds after the last page the minute between two reports is not over yet.
@pytest.mark.parametrize("seconds_later", [10, 400])
@pytest.mark.parametrize("where", APPLICATIONS)
def test_14_59_after_the_last_action_all_live_and_at_15_00_none(
    everywhere: Everywhere, where: str, seconds_later: int
) -> None:
    """Case SE-02, for actions in each application."""
    for _ in range(_TRIES_ON_A_BUSY_MACHINE):
        everywhere.move_to(everywhere.now() + seconds_later)
        acted = everywhere.act_within_a_second(where)
        everywhere.let_reports_arrive(acted)
        found = everywhere.alive_at(acted + 899)
        if found is not None:
            break
        everywhere.enter()
    assert found == set(APPLICATIONS)

    everywhere.move_to(acted + 901)  # the second of the action began before the action
    assert everywhere.alive() == set()


def test_working_in_one_portal_keeps_the_session_everywhere(everywhere: Everywhere) -> None:
    for _ in range(4):
        everywhere.move_to(everywhere.now() + 600)
        acted = everywhere.act_within_a_second("recipient")
        everywhere.let_reports_arrive(acted)
        assert everywhere.alive() == set(APPLICATIONS)
    everywhere.walker.open(f"{everywhere.provider.url}/account")
    assert everywhere.walker.heading == "Your account"


def test_what_happens_by_itself_extends_nothing(
    everywhere: Everywhere, browserless: OpenBrowserless, provider: Provider
) -> None:
    """Polling pages, pages that look for the end, and silent authorization."""
    silent = authorization_address(browserless(), provider, "recipient") + "&prompt=none"
    acted = everywhere.act_within_a_second(IDP)
    for minute in range(1, 15):
        everywhere.move_to(acted + minute * 60)
        assert everywhere.alive() == set(APPLICATIONS)
        for name in PORTALS:
            everywhere.walker.open(f"{everywhere.address(name)}/session/check")
        answer = everywhere.walker.visitor.open(silent, follow=False)
        assert answer.location.startswith(f"{everywhere.address('recipient')}/callback?code=")
    assert everywhere.ends_at() <= acted + 901

    everywhere.move_to(acted + 901)
    assert everywhere.alive() == set()
    answer = everywhere.walker.visitor.open(silent, follow=False)
    assert "error=login_required" in answer.location


def test_idleness_is_told_to_every_portal_although_nobody_opens_a_page(
    everywhere: Everywhere, provider: Provider
) -> None:
    before = portals.all_notices(provider)
    everywhere.move_to(everywhere.now() + 901)
    for name in PORTALS:
        portals.wait_until(lambda name=name: portals.living_sessions(provider, name) == 0)  # type: ignore[misc]
        assert portals.notices(provider, name) > before[name]

    walker = everywhere.walker
    for name in PORTALS:
        walker.open(f"{everywhere.address(name)}/secure")
        assert walker.heading == "Your session has ended"
        assert not portals.is_signed_in(walker, provider, name)
    walker.open(f"{provider.url}/account")
    assert walker.heading == "You were signed out after 15 minutes"


@pytest.mark.browser
def test_the_dialog_warns_in_the_provider_and_staying_keeps_the_portal_too(
    citizen: InBrowser, provider: Provider, person: Person
) -> None:
    portal, account = two_tabs(citizen, provider, person)
    pass_time(provider, 760, portal, account)
    expect(dialog(account)).to_be_visible()
    expect(dialog(account)).to_contain_text("2:")
    expect(dialog(portal)).to_be_visible()

    dialog(account).get_by_role("button", name="Stay signed in").click()
    expect(dialog(account)).to_be_hidden()
    pass_time(provider, 11, portal, account)
    expect(dialog(portal)).to_be_hidden()
    pass_time(provider, 600, portal, account)
    portal.reload()
    expect(heading(portal)).to_have_text("Welcome, Rosa Recipient")


@pytest.mark.browser
def test_staying_in_the_portal_keeps_the_provider_too(
    citizen: InBrowser, provider: Provider, person: Person
) -> None:
    portal, account = two_tabs(citizen, provider, person)
    pass_time(provider, 760, portal, account)
    dialog(portal).get_by_role("button", name="Stay signed in").click()
    expect(dialog(portal)).to_be_hidden()
    pass_time(provider, 11, portal, account)
    expect(dialog(account)).to_be_hidden()


@pytest.mark.browser
def test_pages_that_nobody_answers_leave_the_screen(
    citizen: InBrowser, provider: Provider, person: Person
) -> None:
    portal, account = two_tabs(citizen, provider, person)
    pass_time(provider, 760, portal, account)
    pass_time(provider, 141, portal, account)
    expect(heading(account)).to_have_text("You were signed out after 15 minutes")
    # The portal's own clock and the provider's notice end it in the same moment; either says why.
    expect(heading(portal)).to_have_text(
        re.compile("You were signed out to protect your information|Your session has ended")
    )
    expect(portal.get_by_role("main")).to_contain_text("for 15 minutes")


def two_tabs(citizen: InBrowser, provider: Provider, person: Person) -> tuple[Page, Page]:
    """Sign in on the way to the recipient portal, and open the account in another tab."""
    citizen.page.clock.install(time=provider.now())
    portals.open_secure(citizen, provider, "recipient")
    steps.sign_in(citizen, provider, person)
    account = citizen.tab()
    account.page.clock.install(time=provider.now())
    account.open(f"{provider.url}/account")
    return citizen.page, account.page


def pass_time(provider: Provider, seconds: int, *pages: Page) -> None:
    """Let time pass for the applications and for the pages that are open."""
    provider.move_clock(seconds)
    for page in pages:
        page.clock.fast_forward(seconds * 1000)


def heading(page: Page) -> Locator:
    """Return the page's h1."""
    return page.get_by_role("heading", level=1)


def dialog(page: Page) -> Locator:
    """Return the warning, open or not."""
    return page.locator("dialog")
