"""Registrations that wait for their mailbox: kept sealed, never a claim on anything."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta

from idp.foundation.audit.service import Event, record
from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.people.accounts import rules, store
from idp.people.accounts.model import Registration
from idp.people.accounts.service import Details

__all__ = ["Registration", "Waiting", "forget_expired", "get", "keep", "read", "rename"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an unproven person typed, and which version of the terms they accepted."""

    details: Details
    terms_version: str


def keep(
    ctx: Context, transaction_id: str, details: Details, *, password_hash: str, terms_version: str
) -> Registration:
    """Keep what was typed, in place of what the same transaction kept before; inside `writing`.

    The same address keeps its row, so that a code already on its way still works; another address
    begins a new one, so that no code ever proves an address that it was not mailed to.
    """
    email_key = rules.canonical_email(details.email) or ""
    row = store.registration_of(ctx.db, transaction_id, email_key)
    if row is None:
        store.forget_transaction(ctx.db, transaction_id)
        row = Registration(id=new_id(), transaction_id=transaction_id, email_key=email_key)
        ctx.db.add(row)
    row.details_sealed = _seal(ctx, row.id, Waiting(details, terms_version))
    row.password_hash = password_hash
    row.created_at = ctx.now()
    ctx.db.flush()
    return row


def get(ctx: Context, registration_id: str) -> Registration | None:
    """Return a waiting registration that has not expired."""
    row = store.registration(ctx.db, registration_id)
    lifetime = timedelta(seconds=ctx.policies.accounts.unconfirmed_seconds)
    return row if row and ctx.now() < row.created_at + lifetime else None


def read(ctx: Context, row: Registration) -> Waiting:
    """Open what the person typed."""
    kept = json.loads(ctx.sealing.open(row.details_sealed, bound_to=_bound_to(row.id)))
    return Waiting(Details(**kept["details"]), kept["terms_version"])


def rename(ctx: Context, row: Registration, username: str) -> None:
    """Keep another username; inside `writing`."""
    waiting = read(ctx, row)
    details = replace(waiting.details, username=username)
    row.details_sealed = _seal(ctx, row.id, replace(waiting, details=details))


def forget(ctx: Context, row: Registration) -> None:
    """Forget one registration; inside `writing`."""
    ctx.db.delete(row)
    ctx.db.flush()


def forget_address(ctx: Context, email: str) -> None:
    """Forget every waiting registration of an address; inside `writing`."""
    store.forget_registrations(ctx.db, rules.canonical_email(email) or "")


def forget_expired(ctx: Context, limit: int = 200) -> int:
    """Forget registrations past their time; return how many; inside `writing`."""
    before = ctx.now() - timedelta(seconds=ctx.policies.accounts.unconfirmed_seconds)
    rows = store.expired_registrations(ctx.db, before, limit)
    for row in rows:
        ctx.db.delete(row)
    if rows:
        record(ctx, Event.REGISTRATION_EXPIRED, changes={"count": len(rows)})
    return len(rows)


def _seal(ctx: Context, row_id: str, waiting: Waiting) -> str:
    kept = {"details": waiting.details.as_json(), "terms_version": waiting.terms_version}
    return ctx.sealing.seal(json.dumps(kept).encode(), bound_to=_bound_to(row_id))


def _bound_to(row_id: str) -> str:
    return f"registration:details_sealed:{row_id}"
