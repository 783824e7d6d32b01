"""The main way through the product, told once: become somebody, enter everywhere, leave at once."""

from collections.abc import Callable

from idp.foundation.language import translate
from portals.shared.language import translate as portal_words
from tests.journeys import steps_portals as portals
from tests.journeys import steps_provider as steps
from tests.journeys.steps import Walker
from tests.journeys.steps_provider import Person
from tests.parts.provider import Provider
from tools.demonstration import PORTALS

# Leads somebody who waits for the mail to the enrolment of their app; returns the tab they are in.
Confirm = Callable[[Walker, Provider, Person], Walker]


def become_somebody(walker: Walker, provider: Provider, person: Person, confirm: Confirm) -> Walker:
    """Come from the recipient portal, register, enrol and land there; returns the tab of it."""
    say = walker.language
    walker.open(provider.demo.portal_url("recipient"))
    walker.follow(portal_words(say, "Open my portal"))
    walker.send({}, portal_words(say, "I agree, continue"))
    assert walker.heading == translate(say, "Sign in")
    walker.follow(translate(say, "Create an account"))
    steps.register(walker, person)
    tab = confirm(walker, provider, person)
    steps.enrol(tab, provider, person)
    assert tab.heading == portals.welcome(tab, person), tab.text
    return tab


def enter_the_others(walker: Walker, provider: Provider, person: Person) -> None:
    """Open the other portals: no second sign-in, and each says what is missing and what to do."""
    portals.open_secure(walker, provider, "provider")
    assert walker.heading == portal_words(walker.language, "No access yet"), walker.text
    assert person.username in walker.text
    portals.open_secure(walker, provider, "operations")
    assert walker.heading == portal_words(walker.language, "You may not enter this portal")
    assert person.username in walker.text
    walker.open(f"{provider.url}/account")
    assert walker.heading == translate(walker.language, "Your account")
    assert person.name in walker.text


def leave_everywhere(walker: Walker, provider: Provider) -> None:
    """Sign out in the operations portal: the others learn it from the provider."""
    before = portals.all_notices(provider)
    assert all(portals.is_signed_in(walker, provider, name) for name in PORTALS)
    walker.open(f"{provider.demo.portal_url('operations')}/")
    portals.sign_out(walker)
    assert walker.heading == portal_words(walker.language, "You are signed out"), walker.text
    told = {name: before[name] for name in ("recipient", "provider")}
    portals.wait_for_notices(provider, told)
    for name in told:
        walker.open(f"{provider.demo.portal_url(name)}/secure")
        assert walker.heading == portal_words(walker.language, "Your session has ended")
    assert not any(portals.is_signed_in(walker, provider, name) for name in PORTALS)
    walker.open(f"{provider.url}/account")
    assert walker.heading == translate(walker.language, "Sign in")


def by_the_link(walker: Walker, provider: Provider, person: Person) -> Walker:
    """Open the mail in another tab of the same browser and confirm by its link."""
    tab = walker.tab()
    steps.confirm_by_link(tab, provider, person)
    return tab


def by_the_code(walker: Walker, provider: Provider, person: Person) -> Walker:
    """Read the code in another tab and type it into the page that waits for it."""
    mail = steps.open_mail(walker.tab(), provider, person)
    walker.send({"code": mail.code}, translate(walker.language, "Confirm"))
    return walker
