"""People who register, for the tests of the flows."""

import re
from collections.abc import Mapping

from idp.foundation.mail.mailbox import KeptMail
from tests.flows.signing_in import open_page
from tests.parts.browserless import Answer, Visitor

PASSWORD = "A calm river-bed 7"
DETAILS = {
    "username": "maria.rivera",
    "prefix": "Dr.",
    "first_name": "María",
    "middle_initial": "E",
    "last_name": "O'Rivera-Núñez",
    "suffix": "Jr.",
}
BUSINESS = {"business_name": "Blue Ridge Clinic & Sons", "business_role": "Office manager"}
EMAIL = "maria@example.org"
CONTACT = {"email": EMAIL, "confirm_email": EMAIL, "mobile_number": "(919) 555-0123"}
NEW_PASSWORD = {"new_password": PASSWORD, "confirm_password": PASSWORD, "accept_terms": "y"}
WAITING = "Check your email"
ENROLLING = "/mfa/enroll"


def choose_type(
    visitor: Visitor, account_type: str = "individual", path: str = "/register"
) -> Answer:
    """Choose the kind of account; return the page that asks for the details."""
    return open_page(visitor, path).submit({"account_type": account_type}, button="Continue")


def fill_details(visitor: Visitor, **changes: str) -> Answer:
    """Go on to the page that asks for contact data."""
    return choose_type(visitor).submit(DETAILS | changes, button="Continue")


def fill_contact(visitor: Visitor, email: str = EMAIL, **changes: str) -> Answer:
    """Go on to the page that asks for the password."""
    contact = CONTACT | {"email": email, "confirm_email": email}
    return fill_details(visitor, **changes).submit(contact, button="Continue")


def register(
    visitor: Visitor, email: str = EMAIL, password: str = PASSWORD, **changes: str
) -> Answer:
    """Register; return the page that waits for the code."""
    page = fill_contact(visitor, email, **changes)
    assert page.path == "/register/password", page.text
    return finish(page, password)


def finish(page: Answer, password: str = PASSWORD) -> Answer:
    """Send the last page."""
    chosen = {"new_password": password, "confirm_password": password}
    return page.submit(NEW_PASSWORD | chosen, button="Continue")


def enter_code(page: Answer, code: str) -> Answer:
    """Type a code into the page that waits for it."""
    return page.submit({"code": code}, button="Confirm")


def without(values: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return a form's values with some fields left empty."""
    return {**values, **dict.fromkeys(names, "")}


def code_of(mail: KeptMail) -> str:
    """Return the code that a mail carries."""
    found = re.search(r"\b\d{8}\b", mail.text)
    assert found, mail.text
    return found.group()


def link_of(mail: KeptMail) -> str:
    """Return the link that a mail carries."""
    found = re.search(r"https?://\S+", mail.text)
    assert found, mail.text
    return found.group()
