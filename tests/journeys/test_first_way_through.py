"""A citizen's first day, and the people who were there before: in a real browser."""

import pytest

from tests.journeys import steps_portals as portals
from tests.journeys import steps_provider as steps
from tests.journeys import steps_way as way
from tests.journeys.steps import InBrowser
from tests.parts.chromium import Chromium
from tests.parts.provider import Provider

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]


@pytest.mark.parametrize("confirm", [way.by_the_link, way.by_the_code])
def test_a_citizen_registers_enters_every_portal_and_leaves_them_all_at_once(
    citizen: InBrowser, provider: Provider, confirm: way.Confirm
) -> None:
    person = steps.newcomer()
    tab = way.become_somebody(citizen, provider, person, confirm)
    assert "Level 2: two proofs of different kinds" in tab.text
    way.enter_the_others(tab, provider, person)
    way.leave_everywhere(tab, provider)


def test_who_does_not_agree_to_the_notice_is_led_back(
    citizen: InBrowser, provider: Provider
) -> None:
    citizen.open(f"{provider.demo.portal_url('operations')}/secure")
    assert "of legal age" in citizen.text
    citizen.follow("Cancel")
    assert citizen.heading == "Operations of the health programs"
    assert "Sign in" in citizen.text


def test_create_an_account_in_the_portal_leads_straight_to_registration(
    citizen: InBrowser, provider: Provider
) -> None:
    """The portal asks for prompt=create; its notice still comes before its secure part."""
    person = steps.newcomer()
    citizen.open(provider.demo.portal_url("recipient"))
    citizen.follow("Create an account")
    assert citizen.heading == "Create an account"
    assert "You are on your way to Recipient Portal" in citizen.text
    steps.register(citizen, person)
    tab = way.by_the_link(citizen, provider, person)
    steps.enrol(tab, provider, person)
    assert tab.heading == "Before you open the secure portal"
    tab.send({}, "I agree, continue")
    assert tab.heading == "Welcome, Rosa Río"


def test_confirming_in_another_browser_asks_for_the_password(
    citizen: InBrowser, chromium: Chromium, provider: Provider
) -> None:
    person = steps.newcomer()
    citizen.open(f"{provider.url}/register")
    steps.register(citizen, person)
    phone = InBrowser(chromium.person())
    mail = steps.open_mail(phone, provider, person)
    phone.follow(mail.link)
    phone.send({"password": "Another river-bed 8"}, "Confirm")
    assert "Please check what you entered" in phone.text
    phone.send({"password": person.password}, "Confirm")
    steps.enrol(phone, provider, person)
    assert phone.heading == "Your account"

    citizen.open(f"{provider.url}/account")
    assert citizen.heading == "Sign in", "the browser that registered proved nothing"


def test_the_office_administrator_sees_the_record_the_role_and_every_right(
    citizen: InBrowser, provider: Provider
) -> None:
    enter(citizen, provider, "oadmin", "provider")
    assert citizen.heading == "Welcome, Olivia Adminson"
    for shown in ("1234567893", "Office Administrator", *RIGHTS):
        assert shown in citizen.text


def test_a_member_of_the_staff_sees_the_one_right_they_were_given(
    citizen: InBrowser, provider: Provider
) -> None:
    enter(citizen, provider, "gstaff", "provider")
    assert "General user" in citizen.text
    assert [right for right in RIGHTS if right in citizen.text] == [RIGHTS[0]]


def test_a_state_worker_enters_operations(citizen: InBrowser, provider: Provider) -> None:
    enter(citizen, provider, "sworker", "operations")
    assert citizen.heading == "Welcome, Samuel Worker"
    assert "State employee account" in citizen.text
    assert "Enter the operations portal" in citizen.text


RIGHTS = (
    "Ask about a recipient's eligibility",
    "Submit claims and see their status",
    "Request prior approval",
    "See payments and remittance advice",
    "See the provider record",
    "Change the provider record",
    "Say who may do what",
)


def enter(walker: InBrowser, provider: Provider, username: str, portal: str) -> None:
    """Sign in as one of the demonstration's people on the way to a portal."""
    portals.open_secure(walker, provider, portal)
    steps.sign_in(walker, provider, steps.seeded(provider, username))
