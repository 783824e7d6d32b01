"""Use of accounts: finding, creating, changing state, accepting terms.

Every function that changes something is called inside `writing`: the use case owns the commit.
"""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.foundation.results import Refused
from idp.people.accounts import rules, store
from idp.people.accounts.model import Account, TermsAcceptance

__all__ = ["Account", "Details", "accept_terms", "create", "find_by_identifier", "get"]


@dataclass(frozen=True, slots=True)
class Details:
    """What a person says about themselves; the names are those of the form controls."""

    account_type: str
    username: str
    first_name: str
    last_name: str
    email: str
    prefix: str = ""
    middle_initial: str = ""
    suffix: str = ""
    mobile_number: str = ""
    business_name: str = ""
    business_role: str = ""
    language: str = "en"

    def as_json(self) -> dict[str, str]:
        """Return the details as plain values."""
        return asdict(self)


def identifier_key(ctx: Context, typed: str) -> str:
    """Return the canonical form of what was typed to sign in (see rules)."""
    return rules.canonical_identifier(typed, frozenset(ctx.settings.brand.employee_email_domains))


def find_by_identifier(ctx: Context, typed: str) -> Account | None:
    """Return the account that a typed username or email address belongs to, in any state.

    An address means its living account, and an archived one only when there is no other. All
    look-ups are made for every text, so that known and unknown cost the same.
    """
    key = identifier_key(ctx, typed)
    by_name = store.by_username(ctx.db, key)
    by_email = store.by_email(ctx.db, key)
    archived = store.archived_by_email(ctx.db, key)
    return by_name or by_email or archived


def get(ctx: Context, account_id: str) -> Account | None:
    """Return an account by its key."""
    return store.get(ctx.db, account_id)


def hold(ctx: Context, account_id: str) -> Account | None:
    """Return an account as it is just now, locked until the end of the use case.

    A sign-in and whatever ends all sessions wait for each other, so that neither misses the other.
    """
    return store.locked(ctx.db, account_id)


def note_sign_in(ctx: Context, account: Account) -> datetime | None:
    """Note that somebody signed in completely, inside `writing`; return when they did before."""
    before = account.last_signed_in_at
    account.last_signed_in_at, account.dormant_notices = ctx.now(), 0
    return before


def username_taken(ctx: Context, username: str) -> bool:
    """Tell whether a username belongs to an account; tell it to nobody unproven (case RG-01)."""
    return store.by_username(ctx.db, rules.canonical_username(username)) is not None


def living_by_email(ctx: Context, email: str) -> Account | None:
    """Return the living account of an address."""
    key = rules.canonical_email(email)
    return store.by_email(ctx.db, key) if key else None


def archived_by_email(ctx: Context, email: str) -> Account | None:
    """Return the account of an address that was archived last."""
    key = rules.canonical_email(email)
    return store.archived_by_email(ctx.db, key) if key else None


def create(ctx: Context, details: Details, *, state: str, verified: bool) -> Account | Refused:
    """Create an account inside `writing`; `Refused` says username_taken or email_taken.

    details must have passed the syntax checks of the form. The unique constraints stand behind
    the look-ups here: two at once end in an IntegrityError of the second, which the use case
    turns into the same refusals by trying again.
    """
    email_key = rules.canonical_email(details.email)
    if email_key is None:
        return Refused("email_invalid", "email")
    if username_taken(ctx, details.username):
        return Refused("username_taken", "username")
    if store.by_email(ctx.db, email_key):
        return Refused("email_taken", "email")
    account = _row(ctx, details, email_key)
    account.state = state
    account.email_verified_at = ctx.now() if verified else None
    ctx.db.add(account)
    ctx.db.flush()
    return account


def set_state(ctx: Context, account: Account, state: str) -> None:
    """Move an account to another state."""
    account.state = state
    account.updated_at = ctx.now()


def change(ctx: Context, account: Account, values: Mapping[str, object]) -> list[str]:
    """Write values into an account's columns; return the names of those that changed, sorted."""
    changed = sorted(name for name, value in values.items() if getattr(account, name) != value)
    for name in changed:
        setattr(account, name, values[name])
    if changed:
        account.updated_at = ctx.now()
        ctx.db.flush()
    return changed


def move_to_email(ctx: Context, account: Account, email: str) -> Refused | None:
    """Make a proven address the account's own; `Refused` email_taken when it is somebody else's.

    email: deliverable. Two at once end in an IntegrityError of the second, see `create`.
    """
    email_key = rules.canonical_email(email)
    owner = store.by_email(ctx.db, email_key) if email_key else None
    if email_key is None or (owner is not None and owner.id != account.id):
        return Refused("email_taken", "email")
    moved = {"email": email, "email_key": email_key, "email_verified_at": ctx.now()}
    change(ctx, account, moved)
    return None


def end_grants(ctx: Context, account_id: str) -> None:
    """Let nothing that applications were granted until now be used again."""
    account = get(ctx, account_id)
    if account is not None:
        account.grants_end_before = ctx.now()


def accept_terms(ctx: Context, account_id: str, version: str) -> None:
    """Keep that a person accepted a version of the terms; once is enough."""
    if not store.terms(ctx.db, account_id, version):
        row = TermsAcceptance(account_id=account_id, version=version, accepted_at=ctx.now())
        ctx.db.add(row)
    if account := get(ctx, account_id):
        account.terms_version = version


def owes_terms(ctx: Context, account_id: str) -> bool:
    """Tell whether a person has not accepted the terms of use that are in force."""
    account = get(ctx, account_id)
    return account is None or account.terms_version != ctx.policies.accounts.terms_version


def accepted_terms(ctx: Context, account_id: str) -> Sequence[TermsAcceptance]:
    """Return which versions of the terms a person accepted, the newest last."""
    return store.all_terms(ctx.db, account_id)


def suggested_usernames(ctx: Context, username: str, count: int = 3) -> list[str]:
    """Return free usernames near a taken one; only for a person whose mailbox is proven."""
    longest = ctx.policies.accounts.username_max_length
    base = rules.canonical_username(username)[: longest - 4]
    drafts = (f"{base}{secrets.randbelow(9000) + 1000}" for _ in range(count * 4))
    free = [draft for draft in dict.fromkeys(drafts) if not username_taken(ctx, draft)]
    return free[:count]


def _row(ctx: Context, details: Details, email_key: str) -> Account:
    values = details.as_json() | {
        "username": details.username.strip(),
        "email": rules.deliverable_email(details.email),
    }
    return Account(
        id=new_id(),
        sub=str(uuid.uuid4()),
        username_key=rules.canonical_username(details.username),
        email_key=email_key,
        created_at=ctx.now(),
        updated_at=ctx.now(),
        **values,
    )
