"""Every page on which people look after their own account."""

from idp.foundation.language import translate
from tests.journeys import steps_provider as steps
from tests.journeys import steps_waits as waits
from tests.journeys.looking import Looker
from tests.journeys.steps_provider import Person
from tests.parts.provider import Provider

_PAUSE, _MOST_OF_A_PAUSE = 901, 700
_ADDRESS = {"street_address": "12 Mill Road", "city": "Raleigh", "state": "NC"}


def walk(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at them all, as somebody who is signed in."""
    keep_the_profile(looker, provider)
    change_the_address(looker, provider, person)
    copy_the_data(looker, provider)
    pause(looker, provider, person)
    be_asked_once_more(looker, provider)


def accept_new_terms(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at terms of use that are newer than what was accepted."""
    waits.owe_terms(provider, person)
    looker.open(f"{provider.url}/account", "terms-accept")
    looker.walker.send({}, translate(looker.language, "I accept the terms of use"))


def keep_the_profile(looker: Looker, provider: Provider) -> None:
    """Look at the profile, at what is wrong with it, and at it when it is saved."""
    say, walker = looker.language, looker.walker
    looker.open(f"{provider.url}/account/profile", "profile")
    walker.send({"first_name": "", "postal_code": "x"}, translate(say, "Save"))
    looker.look("profile-errors")
    walker.send({"first_name": "Rosa", "postal_code": "27601"} | _ADDRESS, translate(say, "Save"))
    looker.look("profile-saved")


def change_the_address(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at the change of email addresses, up to the page that confirms it."""
    say, walker = looker.language, looker.walker
    new, send = f"new.{person.email}", translate(say, "Send a code")
    looker.open(f"{provider.url}/account/email", "email")
    looker.open(f"{provider.url}/account/email/new", "email-new")
    walker.send({}, send)
    looker.look("email-new-errors")
    walker.send({"email": new, "confirm_email": new}, send)
    looker.look("email-code")
    walker.send({"code": "00000000"}, translate(say, "Confirm"))
    looker.look("email-code-errors")
    looker.open(f"{provider.url}/account/email", "email-waits")
    looker.open(f"{provider.url}/account/email/second", "email-second")
    person.mailbox = new
    read_the_new_mailbox(looker, provider, person)


def read_the_new_mailbox(looker: Looker, provider: Provider, person: Person) -> None:
    """Confirm the new address by its link, which works once."""
    say, walker = looker.language, looker.walker
    subject = "Confirm your new email address"
    mail = steps.open_mail(walker.tab(), provider, person, subject=subject)
    looker.open(mail.link, "email-confirm")
    walker.send({}, translate(say, "Confirm"))
    looker.look("email-changed")
    looker.open(mail.link, "email-link-dead")


def copy_the_data(looker: Looker, provider: Provider) -> None:
    """Look at the copy of one's own data."""
    looker.open(f"{provider.url}/account/data", "data")
    looker.walker.send({}, translate(looker.language, "Show as a page to print"))
    looker.look("data-page")


def pause(looker: Looker, provider: Provider, person: Person) -> None:
    """Leave a form for too long, send it, and find it again after the password."""
    say, walker = looker.language, looker.walker
    walker.open(f"{provider.url}/account/profile")
    walker.page.locator("[name=last_name]").fill("Río Grande")
    provider.move_clock(_PAUSE)
    walker.send({}, translate(say, "Save"))
    looker.look("resume")
    walker.send({"password": "not the password 9"}, translate(say, "Go on"))
    looker.look("resume-errors")
    walker.send({"password": person.password}, translate(say, "Go on"))
    looker.look("profile-kept")


def be_asked_once_more(looker: Looker, provider: Provider) -> None:
    """Be active for longer than a second factor counts, and open what asks for it."""
    for _ in range(2):
        provider.move_clock(_MOST_OF_A_PAUSE)
        looker.walker.open(f"{provider.url}/account")
    looker.open(f"{provider.url}/account/security/app", "step-up")
