"""People who have passkeys, for the tests of the flows."""

from typing import Any

from sqlalchemy import text

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.credentials import ceremonies, passkeys
from tests.flows.signing_in import Person, open_page
from tests.parts.application import ISSUER
from tests.parts.browserless import Answer, Visitor
from tests.parts.html import Form
from tests.parts.passkey import SoftPasskey

RP_ID = "localhost"


def new_key(**changes: Any) -> SoftPasskey:
    """Return a key that has not been used anywhere."""
    return SoftPasskey(ISSUER, RP_ID, **changes)


def add_passkey(
    ctx: Context, person: Person, *, name: str = "Laptop", **changes: Any
) -> SoftPasskey:
    """Give a person a passkey without walking through the pages."""
    key, challenge = new_key(**changes), b"c" * 32
    account = account_of(ctx, person)
    options = ceremonies.creation_options(ctx, account, challenge, ())
    made = ceremonies.read_new(ctx, challenge, key.create(options))
    assert made
    with writing(ctx.db):
        assert passkeys.add(ctx, person.id, name, made)
    return key


def account_of(ctx: Context, person: Person) -> Account:
    """Return a person's account."""
    account = accounts.get(ctx, person.id)
    assert account
    return account


def passkey_form(page: Answer) -> Form:
    """Return the form of a page that a passkey answers."""
    return next(form for form in page.forms if form.element.get("data-passkey"))


def ask(page: Answer) -> tuple[dict[str, str], dict[str, Any]]:
    """Do what the page's script does first; return the form's values and the browser's options."""
    form = passkey_form(page)
    answer = page.visitor.send("POST", f"{ISSUER}{form.action}/options", form.values())
    assert answer.status == 200, answer.text
    said = answer.response.json()
    return form.values() | {"tx": said["tx"]}, said["options"]


def send(page: Answer, values: dict[str, str], credential: str, *, follow: bool = True) -> Answer:
    """Send the form with an answer in it."""
    target = f"{ISSUER}{passkey_form(page).action}"
    sent = values | {"credential": credential}
    return page.visitor.send("POST", target, sent, came_from=page.url, follow=follow)


def use(page: Answer, key: SoftPasskey, *, follow: bool = True) -> Answer:
    """Answer a page that asks for a passkey."""
    values, options = ask(page)
    return send(page, values, key.get(options), follow=follow)


def make(page: Answer, key: SoftPasskey, **changes: str) -> Answer:
    """Answer a page that asks for a new passkey."""
    values, options = ask(page)
    return send(page, values | changes, key.create(options))


def sign_in_with(visitor: Visitor, key: SoftPasskey) -> Answer:
    """Sign in with a passkey alone."""
    return use(open_page(visitor, "/sign-in"), key)


def recorded(ctx: Context, event: str) -> list[tuple[str, str | None]]:
    """Return outcome and reason of each record of an event, the oldest first."""
    ctx.db.rollback()
    query = "SELECT outcome, reason FROM audit_event WHERE event = :event ORDER BY id"
    return [(row.outcome, row.reason) for row in ctx.db.execute(text(query), {"event": event})]
