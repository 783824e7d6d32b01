"""People who sign in, for the tests of the flows."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Parts
from idp.foundation.database import writing
from idp.foundation.mail.mailbox import KeptMail
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account, Details
from idp.people.credentials import passwords, recovery_codes, totp
from idp.people.credentials.hashing import hashes
from tests.parts.application import ISSUER
from tests.parts.authenticator import Authenticator
from tests.parts.browserless import Answer, Visitor

PASSWORD = "A calm river-bed 7"
WRONG = "not the password at all 9"


@dataclass
class Person:
    """Somebody with an account, what they know and what they have."""

    id: str
    username: str
    email: str
    password: str
    app: Authenticator
    codes: list[str]


def add_person(
    ctx: Context, clock: FixedClock, username: str = "rosario", *, state: str = "active"
) -> Person:
    """Keep an account with a password, an app and recovery codes."""
    person = add_newcomer(ctx, clock, username)
    with writing(ctx.db):
        totp.add_seeded_app(ctx, person.id, name="Phone", secret=person.app.secret)
        recovery_codes.replace(ctx, person.id, person.codes)
    set_state(ctx, person, state)
    return person


def add_newcomer(ctx: Context, clock: FixedClock, username: str = "rosario") -> Person:
    """Keep an account that has a password and owes its first factor."""
    details = Details(
        account_type="individual",
        username=username,
        first_name="Rosa",
        last_name="Río",
        email=f"{username}@example.org",
    )
    hashed = passwords.make_hash(ctx, PASSWORD)
    with writing(ctx.db):
        account = accounts.create(ctx, details, state="pending_mfa", verified=True)
        assert isinstance(account, Account)
        passwords.set_hash(ctx, account.id, hashed)
        accounts.accept_terms(ctx, account.id, ctx.policies.accounts.terms_version)
        account_id, email = account.id, account.email
    app = Authenticator(totp.new_secret(ctx.policies.mfa), clock.now)
    return Person(account_id, username, email, PASSWORD, app, recovery_codes.make(ctx))


def set_state(ctx: Context, person: Person, state: str) -> None:
    """Move a person's account to another state."""
    with writing(ctx.db):
        account = accounts.get(ctx, person.id)
        assert account
        accounts.set_state(ctx, account, state)


def open_page(visitor: Visitor, path: str) -> Answer:
    """Open a path of the provider."""
    return visitor.open(f"{ISSUER}{path}")


def try_password(visitor: Visitor, username: str, password: str) -> Answer:
    """Open the sign-in page afresh and send it."""
    page = open_page(visitor, "/sign-in")
    return page.submit({"username": username, "password": password})


def enter_password(visitor: Visitor, person: Person) -> Answer:
    """Type the right password; return the page that follows."""
    return try_password(visitor, person.username, person.password)


def choose_app(page: Answer) -> Answer:
    """Choose an authenticator app as the first factor; return the page that shows its key."""
    return page.click("Set up an app")


def sign_in(visitor: Visitor, person: Person) -> Answer:
    """Sign in with password and app; return the page that follows."""
    page = enter_password(visitor, person)
    return page.submit({"code": person.app.code()}, button="Continue")


def sign_out(visitor: Visitor) -> Answer:
    """Sign out by the page's own button, not by that of the dialog, which scripts open."""
    page = open_page(visitor, "/sign-out")
    form = next(form for form in page.forms if form.action == "/sign-out")
    return visitor.send("POST", f"{ISSUER}/sign-out", form.values())


def fail_often(visitor: Visitor, username: str, times: int) -> Answer:
    """Type wrong passwords; return the last page."""
    answers = [try_password(visitor, username, WRONG) for _ in range(times)]
    return answers[-1]


def is_signed_in(visitor: Visitor) -> bool:
    """Ask the provider, without counting as activity."""
    answer = open_page(visitor, "/session/status")
    return bool(answer.response.json()["active"])


def cookie(visitor: Visitor) -> str:
    """Return the browser's cookie."""
    return visitor.client.cookies["idp"]


def use_cookie(visitor: Visitor, secret: str) -> None:
    """Give a browser a cookie in place of its own."""
    visitor.client.cookies.clear()
    visitor.client.cookies.set("idp", secret)


def code_in(mail: KeptMail) -> str:
    """Return the code that a mail carries."""
    found = re.search(r"^\d{8}\s*$", mail.text, re.MULTILINE)
    assert found, mail.text
    return found.group().strip()


def link_in(mail: KeptMail) -> str:
    """Return the link that a mail carries."""
    found = re.search(rf"^{ISSUER}/\S+\s*$", mail.text, re.MULTILINE)
    assert found, mail.text
    return found.group().strip()


@contextmanager
def all_slots_taken(parts: Parts) -> Iterator[None]:
    """Keep every hash slot of this process busy, and let nobody wait for long."""
    policy = parts.policies.password.hash
    made = hashes(policy, parts.pepper)
    with ExitStack() as stack:
        for _ in range(policy.slots):
            stack.enter_context(made._slots)
        stack.callback(setattr, made, "_wait_seconds", policy.wait_seconds)
        made._wait_seconds = 0.05
        yield
