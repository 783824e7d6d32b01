"""Passkeys as they are kept: which a person has, and that each use moves its counter on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.people.credentials.ceremonies import NewPasskey
from idp.people.credentials.model import Passkey

__all__ = ["OwnPasskey", "Passkey", "add", "count", "find", "list_passkeys", "note_use", "working"]


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    """A passkey, as its owner may see it. is_synced: it is kept on more devices than one."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None
    is_synced: bool


def list_passkeys(ctx: Context, account_id: str) -> list[OwnPasskey]:
    """Return a person's working passkeys, oldest first."""
    return [
        OwnPasskey(row.id, row.name, row.created_at, row.last_used_at, row.is_synced)
        for row in working(ctx, account_id)
    ]


def working(ctx: Context, account_id: str) -> list[Passkey]:
    """Return the rows of a person's working passkeys, for a ceremony."""
    return list(ctx.db.scalars(_working(account_id)).all())


def count(ctx: Context, account_id: str) -> int:
    """Return how many working passkeys a person has."""
    return ctx.db.scalar(select(func.count()).select_from(_working(account_id).subquery())) or 0


def find(ctx: Context, credential_id: str) -> Passkey | None:
    """Return the working passkey of a credential id, whosever it is."""
    return ctx.db.scalar(
        select(Passkey).where(Passkey.credential_id == credential_id, Passkey.disabled_at.is_(None))
    )


def is_known(ctx: Context, credential_id: str) -> bool:
    """Tell whether a credential id was ever kept, working or not, whosever it is."""
    found = select(Passkey.id).where(Passkey.credential_id == credential_id)
    return ctx.db.scalar(found) is not None


def add(ctx: Context, account_id: str, name: str, new: NewPasskey) -> str | None:
    """Keep a person's new passkey; return its key, or None when it is kept already.

    Inside `writing`; one statement decides (Web Authentication Level 3 section 7.1 step 27).
    """
    dialect = postgresql if ctx.db.get_bind().dialect.name == "postgresql" else sqlite
    values = {
        "id": new_id(),
        "account_id": account_id,
        "name": name,
        **new.as_json(),
        "created_at": ctx.now(),
    }
    kept = dialect.insert(Passkey).values(values).on_conflict_do_nothing()
    key: str | None = ctx.db.scalar(kept.returning(Passkey.id))
    return key


def note_use(ctx: Context, passkey_id: str, sign_count: int) -> bool:
    """Move the counter on in one statement; False: it did not rise, so there is a copy.

    Inside `writing`. Synced passkeys have no counter and always say 0 (section 6.1.1).
    """
    has_risen = Passkey.sign_count < sign_count
    if sign_count == 0:
        has_risen = Passkey.sign_count == 0
    used = ctx.db.execute(
        update(Passkey)
        .where(Passkey.id == passkey_id, Passkey.disabled_at.is_(None), has_risen)
        .values(sign_count=sign_count, last_used_at=ctx.now())
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


def disable(ctx: Context, passkey_id: str) -> None:
    """Let a passkey sign nobody in any more: somebody has a copy of it; inside `writing`."""
    ctx.db.execute(update(Passkey).where(Passkey.id == passkey_id).values(disabled_at=ctx.now()))


def _working(account_id: str) -> Select[Passkey]:
    return (
        select(Passkey)
        .where(Passkey.account_id == account_id, Passkey.disabled_at.is_(None))
        .order_by(Passkey.created_at)
    )
