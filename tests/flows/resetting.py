"""People who forgot a password, for the tests of the flows."""

from tests.flows.conftest import ReadMail
from tests.flows.signing_in import Person, code_in, open_page
from tests.parts.browserless import Answer, Visitor

NEW = "Quiet mill-pond 42"
STEP_OVER = "This step is no longer open"


def ask(visitor: Visitor, typed: str) -> Answer:
    """Ask for a reset in a fresh tab; return the page that waits for the code."""
    page = open_page(visitor, "/forgot-password")
    return page.submit({"username": typed}, button="Send a code")


def show_factor(page: Answer, person: Person) -> Answer:
    """Type the app's code; return the page that follows."""
    return page.submit({"code": person.app.code()}, button="Continue")


def prove(visitor: Visitor, person: Person, read_mail: ReadMail) -> Answer:
    """Prove mailbox and factor; return the page that asks for the new password."""
    asked = ask(visitor, person.username)
    code = code_in(read_mail(person.email)[0])
    return show_factor(asked.submit({"code": code}, button="Continue"), person)


def choose(page: Answer, password: str = NEW, confirmed: str | None = None) -> Answer:
    """Send a new password; return the page that follows."""
    values = {"new_password": password, "confirm_password": confirmed or password}
    return page.submit(values)


def reset(visitor: Visitor, person: Person, read_mail: ReadMail, password: str = NEW) -> Answer:
    """Reset a password from the first page to the last."""
    return choose(prove(visitor, person, read_mail), password)
