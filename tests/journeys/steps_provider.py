"""The steps that people take at the provider: registering, reading mail, enrolling, signing in."""

import re
import time
from dataclasses import dataclass, field
from itertools import count

from idp.foundation.language import translate
from tests.journeys.steps import Walker
from tests.parts.authenticator import Authenticator
from tests.parts.provider import Provider

_NEXT = count(1)
_SECONDS_FOR_MAIL = 20
_CONFIRM = "Confirm your email address"
_ONE_STEP_OF_AN_APP = 31


@dataclass
class Person:
    """Somebody, with what they know and what they have."""

    username: str
    password: str = "A calm river-bed 7"
    first_name: str = "Rosa"
    last_name: str = "Río"
    app: Authenticator | None = None
    recovery_codes: list[str] = field(default_factory=list)
    mailbox: str = ""

    @property
    def email(self) -> str:
        """Where their mail goes."""
        return self.mailbox or f"{self.username}@example.org"

    @property
    def name(self) -> str:
        """Their name as pages say it."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True)
class Mail:
    """What a mail says."""

    subject: str
    text: str

    @property
    def code(self) -> str:
        """The code in it. Raises AssertionError when there is none."""
        return _only(r"\b\d{8}\b", self.text)

    @property
    def link(self) -> str:
        """The link in it. Raises AssertionError when there is none."""
        return self.link_to("")

    def link_to(self, path: str) -> str:
        """The first link in it below a path. Raises AssertionError when there is none."""
        return _only(rf"https?://[^/\s]+{path}\S*/link\?token=\S+", self.text)


def newcomer() -> Person:
    """Return somebody without an account, under a name that no other story uses."""
    return Person(f"newcomer.{next(_NEXT)}")


def seeded(provider: Provider, username: str) -> Person:
    """Return one of the demonstration's people."""
    account = provider.accounts()[username]
    app = Authenticator(str(account["totp_secret"]), provider.now)
    return Person(username, str(account["password"]), app=app)


def register(walker: Walker, person: Person, *, username: str = "") -> None:
    """Go from the first page of registration to the one that waits for the mail, as NCID does.

    username: another one than the person's own.
    """
    onward = translate(walker.language, "Continue")
    walker.send({"account_type": "individual"}, onward)
    names = {"first_name": person.first_name, "last_name": person.last_name}
    walker.send({"username": username or person.username} | names, onward)
    contact = {"email": person.email, "confirm_email": person.email}
    walker.send(contact | {"mobile_number": "919-555-0123"}, onward)
    chosen = {"new_password": person.password, "confirm_password": person.password}
    walker.send(chosen | {"accept_terms": "y"}, onward)
    assert walker.heading == translate(walker.language, "Check your email"), walker.text


def open_mail(
    walker: Walker,
    provider: Provider,
    person: Person,
    *,
    subject: str = _CONFIRM,
    count: int = 1,
    number: int = 0,
) -> Mail:
    """Open a mail to a person in the development mailbox.

    Waits until `count` mails with the subject are there. number: 0 for the newest of them, -1 for
    the oldest.
    """
    wanted = f"{provider.url}/dev/mailbox?to={person.email}"
    words = translate(walker.language, subject)
    end = time.monotonic() + _SECONDS_FOR_MAIL
    walker.open(wanted)
    while len(links := walker.links(words)) < count:
        assert time.monotonic() < end, f"no mail to {person.email}"
        time.sleep(0.1)
        walker.open(wanted)
    walker.open(links[number])
    return Mail(walker.heading, walker.text)


def confirm_by_link(walker: Walker, provider: Provider, person: Person) -> None:
    """Read the mail in this tab, follow its link and press the button that it leads to."""
    mail = open_mail(walker, provider, person)
    walker.follow(mail.link)
    walker.send({}, translate(walker.language, "Confirm"))


def enrol(walker: Walker, provider: Provider, person: Person) -> None:
    """Set up an authenticator app from the key as text, and keep the recovery codes."""
    say = walker.language
    walker.follow(translate(say, "Set up an app"))
    assert walker.heading == translate(say, "Set up your authenticator app"), walker.text
    person.app = Authenticator(walker.shown("app-key")[0], provider.now)
    walker.send({"code": person.app.code()}, translate(say, "Continue"))
    assert walker.heading == translate(say, "Keep your recovery codes"), walker.text
    person.recovery_codes = walker.shown("recovery-codes")
    walker.send({"code": person.recovery_codes[0]}, translate(say, "I have kept my codes"))


def sign_in(walker: Walker, provider: Provider, person: Person) -> None:
    """Sign in from the page that asks for username and password."""
    enter_password(walker, person)
    show_app(walker, provider, person)


def become(walker: Walker, provider: Provider) -> Person:
    """Register and set up an app; returns somebody who is signed in, whom no other story knows."""
    person = newcomer()
    walker.open(f"{provider.url}/register")
    register(walker, person)
    confirm_by_link(walker, provider, person)
    enrol(walker, provider, person)
    return person


def show_app(walker: Walker, provider: Provider, person: Person) -> None:
    """Type the next code of the app: people come here more than once in half a minute."""
    assert person.app
    provider.move_clock(_ONE_STEP_OF_AN_APP)
    walker.send({"code": person.app.code()}, translate(walker.language, "Continue"))


def sign_out(walker: Walker, provider: Provider) -> None:
    """End the session."""
    walker.open(f"{provider.url}/sign-out")
    walker.send({}, translate(walker.language, "Sign out"))


def enter_password(walker: Walker, person: Person, password: str = "") -> None:
    """Type username and password, or another password than the right one."""
    values = {"username": person.username, "password": password or person.password}
    walker.send(values, translate(walker.language, "Sign in"))


def _only(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found.group()
