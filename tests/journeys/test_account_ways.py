"""What people do with an account over days: each way walked in a browser, and without a script.

In English by the browser, in Spanish without one; what each page says in detail is for the tests
of its flow.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from idp.foundation.language import translate
from tests.journeys import steps_provider as steps
from tests.journeys import steps_waits as waits
from tests.journeys.steps import InBrowser, Walker, WithoutScript
from tests.journeys.steps_provider import Person
from tests.parts.authenticator import Authenticator
from tests.parts.chromium import Chromium
from tests.parts.fixtures import OpenBrowserless
from tests.parts.provider import Provider

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

_PAUSE = 901
_REFUSED = (
    "That username or password is not right. Check both and try again, or reset your password."
)


@dataclass
class Owner:
    """Somebody with an account, at the browser with which they opened it."""

    walker: Walker
    person: Person
    provider: Provider
    elsewhere: Callable[[], Walker]

    def reads(self, text: str, **values: str) -> bool:
        """Tell whether the page says this, in the owner's language."""
        return translate(self.walker.language, text, **values) in self.walker.text

    def stands_at(self, heading: str) -> bool:
        """Tell whether this is the page's heading, in the owner's language."""
        return self.walker.heading == translate(self.walker.language, heading)

    def press(self, button: str, values: dict[str, str] | None = None) -> None:
        """Fill fields and press a button, named by its English words."""
        self.walker.send(values or {}, translate(self.walker.language, button))

    def open(self, path: str) -> None:
        """Open a page of the provider."""
        self.walker.open(f"{self.provider.url}{path}")

    def mail(self, subject: str) -> steps.Mail:
        """Read a mail in another tab."""
        tab = self.walker.tab()
        return steps.open_mail(tab, self.provider, self.person, subject=subject)

    def sign_in(self) -> None:
        """Sign in with password and app."""
        self.open("/sign-in")
        steps.sign_in(self.walker, self.provider, self.person)


@pytest.fixture(params=["browser", "no script"])
def owner(
    request: pytest.FixtureRequest,
    provider: Provider,
    chromium: Chromium,
    browserless: OpenBrowserless,
) -> Owner:
    """Somebody who has just registered and is signed in."""

    def opened() -> Walker:
        if request.param == "browser":
            return InBrowser(chromium.person())
        return WithoutScript(browserless(language="es"), "es")

    walker = opened()
    return Owner(walker, steps.become(walker, provider), provider, opened)


def test_a_lost_phone_is_replaced_after_a_day_with_password_and_mailbox(owner: Owner) -> None:
    steps.sign_out(owner.walker, owner.provider)
    waits.lose_the_factor(owner.walker, owner.provider, owner.person)
    waits.pass_a_day(owner.provider)
    owner.walker.open(owner.mail(waits.RECOVERY_READY).link_to("/lost-factor/replace"))
    owner.press("End the old factors and continue", {"password": owner.person.password})
    steps.enrol(owner.walker, owner.provider, owner.person)
    assert owner.stands_at("Your account")
    steps.sign_out(owner.walker, owner.provider)
    owner.sign_in()
    assert owner.stands_at("Your account"), "the new app signs in"


def test_signing_in_with_the_old_phone_stops_its_replacement(owner: Owner) -> None:
    steps.sign_out(owner.walker, owner.provider)
    waits.lose_the_factor(owner.walker, owner.provider, owner.person)
    owner.sign_in()
    assert owner.stands_at("Your account")
    assert not owner.reads("Your second factor is about to be replaced")
    waits.pass_a_day(owner.provider)
    owner.walker.open(owner.mail(waits.RECOVERY_ASKED).link_to("/lost-factor/cancel"))
    assert owner.stands_at("That link does not work")


def test_a_second_app_signs_in_and_new_recovery_codes_end_the_old_ones(owner: Owner) -> None:
    old = owner.person.recovery_codes[1]
    owner.open("/account/security/app")
    tablet = Authenticator(owner.walker.shown("app-key")[0], owner.provider.now)
    owner.press("Continue", {"code": tablet.code(), "name": "Tablet"})
    assert "Tablet" in owner.walker.text
    owner.open("/account/security/recovery-codes")
    new = owner.walker.shown("recovery-codes")
    owner.press("I have kept my codes", {"code": new[0]})
    steps.sign_out(owner.walker, owner.provider)

    owner.open("/sign-in")
    steps.enter_password(owner.walker, owner.person)
    owner.walker.follow(translate(owner.walker.language, "Use a recovery code instead"))
    owner.press("Continue", {"code": old})
    assert not owner.stands_at("Your account"), "the old codes are dead"
    owner.person.app = tablet
    owner.sign_in()
    assert owner.stands_at("Your account")


def test_a_new_address_takes_the_place_of_the_old_one_which_can_undo_it(owner: Owner) -> None:
    new = waits.change_the_address(owner.walker, owner.provider, owner.person)
    assert owner.reads("The new address is confirmed and in use.")
    owner.walker.open(owner.mail(waits.EMAIL_CHANGED).link_to("/email-undo"))
    owner.press("Undo the change")
    assert owner.reads("Your former email address is back.")
    owner.open("/sign-in")
    steps.enter_password(owner.walker, owner.person)
    assert owner.stands_at("Choose a new password first")
    assert new.email not in owner.walker.text


def test_a_session_elsewhere_is_ended_from_here(owner: Owner) -> None:
    phone = owner.elsewhere()
    phone.open(f"{owner.provider.url}/sign-in")
    steps.sign_in(phone, owner.provider, owner.person)
    owner.open("/account/sessions")
    owner.press("End every other sign-in")
    phone.open(f"{owner.provider.url}/account")
    assert phone.heading == translate(phone.language, "Sign in")
    owner.open("/account")
    assert owner.stands_at("Your account")


def test_this_was_not_me_ends_everything_until_the_password_is_new(owner: Owner) -> None:
    stranger = owner.elsewhere()
    stranger.open(f"{owner.provider.url}/sign-in")
    steps.sign_in(stranger, owner.provider, owner.person)
    owner.walker.open(owner.mail(waits.NEW_SIGN_IN).link_to("/not-me"))
    owner.press("It was not me, protect my account")
    assert owner.stands_at("Your account is protected")
    stranger.open(f"{owner.provider.url}/account")
    assert stranger.heading == translate(stranger.language, "Sign in")
    waits.choose_a_new_password(owner.walker, owner.provider, owner.person)
    owner.sign_in()
    assert owner.stands_at("Your account")


def test_who_closed_the_account_may_think_again_for_a_day(owner: Owner) -> None:
    waits.close_the_account(owner.walker, owner.provider, owner.person)
    owner.walker.open(owner.mail(waits.CLOSING).link)
    owner.press("Keep my account")
    assert owner.stands_at("Your account stays")
    owner.sign_in()
    assert owner.stands_at("Your account")


def test_after_that_day_the_account_is_gone(owner: Owner) -> None:
    waits.close_the_account(owner.walker, owner.provider, owner.person)
    waits.pass_a_day(owner.provider)
    owner.open("/sign-in")
    steps.enter_password(owner.walker, owner.person)
    assert owner.reads(_REFUSED)


def test_after_a_pause_the_password_alone_leads_back_to_what_was_typed(owner: Owner) -> None:
    owner.open("/account/profile")
    owner.provider.move_clock(_PAUSE)
    owner.press("Save", {"last_name": "Río Grande"})
    owner.press("Go on", {"password": owner.person.password})
    assert owner.stands_at("Profile")
    assert owner.reads("We kept what you typed")
    owner.press("Save")
    assert owner.reads("Your profile is saved.")
    owner.open("/account")
    assert "Río Grande" in owner.walker.text


def test_new_terms_stand_before_every_page_until_they_are_accepted(owner: Owner) -> None:
    waits.owe_terms(owner.provider, owner.person)
    for path in ("/account/profile", "/account"):
        owner.open(path)
        assert owner.stands_at("The terms of use have changed")
    owner.press("I accept the terms of use")
    assert owner.stands_at("Your account")


def test_a_copy_of_the_data_says_what_is_kept_and_no_secret(owner: Owner) -> None:
    owner.open("/account/data")
    owner.press("Show as a page to print")
    assert owner.stands_at("What we keep about you")
    assert owner.person.email in owner.walker.text
    assert owner.person.app
    assert owner.person.app.secret not in owner.walker.text
