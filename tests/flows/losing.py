"""People who lost their second factor, or their account, for the tests of the flows."""

from collections.abc import Iterable

from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.mail.mailbox import KeptMail
from idp.foundation.results import Refused
from idp.people import notices
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.organizations import service as organizations
from idp.people.organizations.service import Organization
from idp.people.rights import service as rights
from tests.flows.conftest import ReadMail
from tests.flows.signing_in import Person, code_in, enter_password
from tests.parts.application import ISSUER
from tests.parts.authenticator import Authenticator
from tests.parts.browserless import Answer, Visitor

SECOND = "backup@example.org"
DAY = 86400
REPLACE = "/lost-factor/replace/link"
CANCEL = "/lost-factor/cancel/link"


def account_of(ctx: Context, person: Person) -> Account:
    """Return a person's account as it is now."""
    ctx.db.rollback()
    account = accounts.get(ctx, person.id)
    assert account
    return account


def change(ctx: Context, person: Person, **values: object) -> None:
    """Write columns of a person's account."""
    with writing(ctx.db):
        account = accounts.get(ctx, person.id)
        assert account
        for name, value in values.items():
            setattr(account, name, value)


def ask(visitor: Visitor, person: Person, read_mail: ReadMail) -> Answer:
    """Begin the wait for a new factor; return the page that follows."""
    page = enter_password(visitor, person).click("I have none of these")
    asked = page.submit(button="Send a code")
    code = code_in(read_mail(person.email)[0])
    return asked.submit({"code": code}, button="Begin the wait")


def link_to(mails: Iterable[KeptMail], path: str) -> str:
    """Return the first link of some mails that leads to a path."""
    words = (word for mail in mails for word in mail.text.split())
    return next(word for word in words if word.startswith(f"{ISSUER}{path}"))


def not_me(ctx: Context, person: Person, read_mail: ReadMail) -> str:
    """Return the link "this wasn't me" of a notice."""
    with writing(ctx.db):
        account = accounts.get(ctx, person.id)
        assert account
        notices.tell(ctx, account, "unlocked", disavowable=True)
    return link_to(read_mail(person.email), "/not-me/link")


def wait(clock: FixedClock, read_mail: ReadMail, person: Person) -> str:
    """Let the day go by; return the second link."""
    clock.advance(DAY)
    return link_to(read_mail(person.email), REPLACE)


def use_link(visitor: Visitor, link: str, person: Person) -> Answer:
    """Open the second link and enter the password."""
    form = visitor.open(link)
    return form.submit({"password": person.password}, button="End the old factors")


def enroll(page: Answer, person: Person, clock: FixedClock) -> Answer:
    """Set up a new app on the pages that follow; return where they lead."""
    form = page.click("Set up an app")
    secret = next(one.text for one in form.document.all("code"))
    person.app = Authenticator("".join(secret.split()), clock.now)
    codes = form.submit({"code": person.app.code(), "name": "New phone"}, button="Continue")
    listed = next(one for one in codes.document.all("ol") if one.get("id") == "recovery-codes")
    person.codes = [one.text for one in listed.all("li")]
    return codes.submit({"code": person.codes[0]}, button="I have kept my codes")


def add_place(ctx: Context, name: str = "Department of Demonstrations") -> Organization:
    """Keep an agency."""
    with writing(ctx.db):
        place = organizations.add(ctx, kind="agency", name=name, parent_id=None, verified=True)
    assert isinstance(place, Organization)
    return place


def give_role(ctx: Context, person: Person, place: Organization, role: str) -> None:
    """Give a person a role at an organization."""
    with writing(ctx.db):
        granted = rights.grant_role(ctx, account_id=person.id, organization_id=place.id, role=role)
    assert not isinstance(granted, Refused)


def recorded(ctx: Context, beginning: str) -> list[str]:
    """Return the recorded events whose name begins so, in their order."""
    ctx.db.rollback()
    found = ctx.db.scalars(text("SELECT event FROM audit_event ORDER BY occurred_at, id"))
    return [event for event in found if event.startswith(beginning)]
