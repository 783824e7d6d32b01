"""Every page of registering, with what each says when something is wrong."""

from idp.foundation.language import translate
from tests.journeys import steps_provider as steps
from tests.journeys.looking import Looker
from tests.journeys.steps import InBrowser
from tests.journeys.steps_provider import Person
from tests.parts.authenticator import Authenticator
from tests.parts.chromium import Chromium
from tests.parts.provider import Provider

# An address gets a second mail after half a minute, a third one after a whole one.
_FIRST_WAIT, _SECOND_WAIT = 31, 61


def walk(looker: Looker, chromium: Chromium, provider: Provider) -> Person:
    """Look at every page of the way; returns the person who is registered and signed in."""
    person = steps.newcomer()
    other = InBrowser(chromium.person(language=looker.language), looker.language)
    other.open(f"{provider.url}/register")
    steps.register(other, person)
    provider.move_clock(_FIRST_WAIT)
    fill_in(looker, provider, person)
    wait_for_the_mail(looker, provider)
    read_the_mail(looker, chromium, provider, person)
    enrol(looker, provider, person)
    learn_that_it_was_done_before(looker, other, provider, person)
    return person


def fill_in(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at the four forms, each first sent empty."""
    say, walker = looker.language, looker.walker
    onward = translate(say, "Continue")
    looker.open(f"{provider.url}/register/employee", "register-employee")
    looker.open(f"{provider.url}/register", "register")
    send_empty(looker, "register")
    walker.send({"account_type": "business"}, onward)
    looker.look("register-details-business")
    walker.follow(translate(say, "Back to the previous step"))
    walker.send({"account_type": "individual"}, onward)
    looker.look("register-details")
    send_empty(looker, "register-details")
    names = {"first_name": person.first_name, "last_name": person.last_name}
    walker.send({"username": person.username} | names, onward)
    looker.look("register-contact")
    send_empty(looker, "register-contact")
    walker.send({"email": person.email, "confirm_email": person.email}, onward)
    walker.page.locator("[name=new_password]").fill("river")
    looker.look("register-password")
    send_empty(looker, "register-password")
    chosen = {"new_password": person.password, "confirm_password": person.password}
    walker.send(chosen | {"accept_terms": "y"}, onward)


def wait_for_the_mail(looker: Looker, provider: Provider) -> None:
    """Look at the page that waits for the code."""
    say, walker = looker.language, looker.walker
    looker.look("check-email")
    walker.send({"code": "00000000"}, translate(say, "Confirm"))
    looker.look("check-email-wrong-code")
    walker.send({}, translate(say, "Send a new message"))
    looker.look("check-email-wait")
    provider.move_clock(_SECOND_WAIT)
    walker.send({}, translate(say, "Send a new message"))
    looker.look("check-email-sent")


def read_the_mail(looker: Looker, chromium: Chromium, provider: Provider, person: Person) -> None:
    """Look at the mailbox, and at what the link leads to here and in another browser."""
    say = looker.language
    walker, looker.walker = looker.walker, looker.walker.tab()
    # One for the other browser's registration, two for this one: the newest link alone works.
    mail = steps.open_mail(looker.walker, provider, person, count=3)
    looker.look("mail")
    looker.open(f"{provider.url}/dev/mailbox", "mailbox")
    looker.walker.page.close()
    looker.walker = walker

    phone = InBrowser(chromium.person(language=say), say)
    phone.open(mail.link)
    looker.look("confirm-elsewhere", phone)
    phone.send({"password": "Another river-bed 8"}, translate(say, "Confirm"))
    looker.look("confirm-elsewhere-errors", phone)
    looker.open(mail.link, "confirm")
    walker.send({}, translate(say, "Confirm"))
    phone.page.reload()
    phone.open(mail.link)
    looker.look("link-dead", phone)
    phone.page.close()


def enrol(looker: Looker, provider: Provider, person: Person) -> None:
    """Look at the pages of enrolling a first factor: an app."""
    say, walker = looker.language, looker.walker
    looker.look("enroll-choice")
    walker.follow(translate(say, "Set up a passkey"))
    looker.look("enroll-passkey")
    walker.follow(translate(say, "Choose another way"))
    walker.follow(translate(say, "Set up an app"))
    looker.look("enroll")
    walker.send({"code": "000000"}, translate(say, "Continue"))
    looker.look("enroll-errors")
    person.app = Authenticator(walker.shown("app-key")[0], provider.now)
    walker.send({"code": person.app.code()}, translate(say, "Continue"))
    looker.look("recovery-codes")
    person.recovery_codes = walker.shown("recovery-codes")
    walker.send({"code": "ABCD-EFGH-JKMN-PQRS"}, translate(say, "I have kept my codes"))
    looker.look("recovery-codes-errors")
    walker.send({"code": person.recovery_codes[0]}, translate(say, "I have kept my codes"))
    assert walker.heading == translate(say, "Your account"), walker.text


def learn_that_it_was_done_before(
    looker: Looker, other: InBrowser, provider: Provider, person: Person
) -> None:
    """Confirm, in another browser, an earlier registration for the same mailbox."""
    say = looker.language
    mail = steps.open_mail(other.tab(), provider, person, number=-1)
    other.send({"code": mail.code}, translate(say, "Confirm"))
    looker.look("already-registered", other)
    stranger = Person(f"{person.username}x", last_name="Prado")
    other.open(f"{provider.url}/register")
    steps.register(other, stranger, username=person.username)
    mail = steps.open_mail(other.tab(), provider, stranger)
    other.send({"code": mail.code}, translate(say, "Confirm"))
    looker.look("username-taken", other)
    send_empty(looker, "username-taken", other)


def send_empty(looker: Looker, name: str, walker: InBrowser | None = None) -> None:
    """Send the form as it is and look at what it says."""
    at = walker or looker.walker
    at.send({}, translate(looker.language, "Continue"))
    looker.look(f"{name}-errors", at)
