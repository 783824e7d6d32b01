"""Registrations that wait for their mailbox: kept sealed, never a claim on anything."""

import json
from datetime import timedelta

from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.people.accounts import rules, store
from idp.people.accounts.model import Registration
from idp.people.accounts.service import Details

__all__ = ["Registration", "forget_expired", "get", "keep", "read_details", "replace_details"]


def keep(ctx: Context, transaction_id: str, details: Details, password_hash: str) -> Registration:
    """Keep what was typed, in place of what the same transaction kept before; inside `writing`."""
    store.forget_transaction(ctx.db, transaction_id)
    row = Registration(
        id=new_id(),
        transaction_id=transaction_id,
        email_key=rules.canonical_email(details.email) or "",
        password_hash=password_hash,
        created_at=ctx.now(),
    )
    row.details_sealed = _seal(ctx, row.id, details)
    ctx.db.add(row)
    ctx.db.flush()
    return row


def get(ctx: Context, registration_id: str) -> Registration | None:
    """Return a waiting registration that has not expired."""
    row = store.registration(ctx.db, registration_id)
    lifetime = timedelta(seconds=ctx.policies.accounts.unconfirmed_seconds)
    return row if row and ctx.now() < row.created_at + lifetime else None


def read_details(ctx: Context, row: Registration) -> Details:
    """Open what the person typed."""
    return Details(**json.loads(ctx.sealing.open(row.details_sealed, bound_to=_bound_to(row.id))))


def replace_details(ctx: Context, row: Registration, details: Details) -> None:
    """Change what is kept (another username); inside `writing`."""
    row.details_sealed = _seal(ctx, row.id, details)


def forget_address(ctx: Context, email: str) -> None:
    """Forget every waiting registration of an address; inside `writing`."""
    store.forget_registrations(ctx.db, rules.canonical_email(email) or "")


def forget_expired(ctx: Context, limit: int = 200) -> int:
    """Forget registrations past their time; return how many; inside `writing`."""
    before = ctx.now() - timedelta(seconds=ctx.policies.accounts.unconfirmed_seconds)
    rows = store.expired_registrations(ctx.db, before, limit)
    for row in rows:
        ctx.db.delete(row)
    return len(rows)


def _seal(ctx: Context, row_id: str, details: Details) -> str:
    return ctx.sealing.seal(json.dumps(details.as_json()).encode(), bound_to=_bound_to(row_id))


def _bound_to(row_id: str) -> str:
    return f"registration:details_sealed:{row_id}"
