"""Queueing work with the change that causes it, and how far the queue has come."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.ids import new_id
from idp.foundation.outbox import rules, store
from idp.foundation.outbox.deliverer import Parcel, Undeliverable
from idp.foundation.outbox.model import OutboxRow, State
from idp.foundation.sealing import SealBroken

Note = Callable[[Context, Parcel], None]
_DELIVERED_KEPT = timedelta(days=7)
_PARKED_KEPT = timedelta(days=30)
_WORKER_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: rows to deliver, rows parked, and since when the oldest waits."""

    queued: int
    parked: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the worker stands: seconds since it was last seen (None: never), and what waits."""

    seen_seconds_ago: int | None
    queued: int
    parked: int
    oldest_seconds: int | None


@dataclass(frozen=True, slots=True)
class Parked:
    """A row that was given up: what an operator may see of it (never the payload)."""

    id: str
    kind: str
    created_at: datetime
    parked_at: datetime
    attempts: int
    last_error: str


def enqueue(
    ctx: Context,
    kind: str,
    payload: Mapping[str, Any],
    *,
    due_in_seconds: float = 0,
    code_id: str | None = None,
) -> str:
    """Queue a row inside the caller's `writing`; return its id.

    payload: JSON's types and moments; it is sealed, bound to its row. It is delivered at least
    once; a crash between sending and marking repeats it with the same message id.
    """
    row_id, now = new_id(), ctx.now()
    sealed = ctx.sealing.seal(rules.packed(payload), bound_to=_bound_to(row_id))
    store.add(
        ctx.db,
        OutboxRow(
            id=row_id,
            kind=kind,
            payload=sealed,
            message_id=f"<{row_id}@{urlsplit(ctx.settings.issuer).hostname}>",
            code_id=code_id,
            state=State.QUEUED.value,
            created_at=now,
            due_at=now + timedelta(seconds=due_in_seconds),
        ),
    )
    return row_id


def claim(ctx: Context, kinds: Sequence[str], owner: str) -> OutboxRow | None:
    """Take the next due row of these kinds for a minute; None when there is none."""
    now = ctx.now()
    if not store.is_any_due(ctx.db, kinds, now):
        return None
    with writing(ctx.db):
        row = store.claim(ctx.db, kinds, owner, now, timedelta(seconds=rules.LEASE_SECONDS))
        if row is not None:
            ctx.db.expunge(row)
        return row


def opened(ctx: Context, row: OutboxRow) -> Parcel:
    """Return a claimed row with its payload; Undeliverable when it has none.

    SealBroken when the payload was changed or belongs to another row.
    """
    if row.payload is None:
        raise Undeliverable("no payload")
    payload = rules.unpacked(ctx.sealing.open(row.payload, bound_to=_bound_to(row.id)))
    return Parcel(
        row.id, row.kind, payload, row.message_id, row.code_id, row.created_at, row.attempts
    )


def settle(ctx: Context, row: OutboxRow, state: State, error: str | None = None) -> bool:
    """Mark a claimed row as delivered, dropped or parked; False when the claim was lost."""
    with writing(ctx.db):
        return store.settle(ctx.db, row, state, ctx.now(), error)


def park(ctx: Context, row: OutboxRow, reason: str, note: Note | None) -> bool:
    """Give a claimed row up and note it in the same transaction; False when the claim was lost.

    A row whose payload cannot be read is parked without a note.
    """
    with writing(ctx.db):
        is_parked = store.settle(ctx.db, row, State.PARKED, ctx.now(), reason)
        if is_parked and note:
            with suppress(Undeliverable, SealBroken):
                note(ctx, opened(ctx, row))
        return is_parked


def put_back(ctx: Context, row: OutboxRow, error: str, *, has_crashed: bool = False) -> bool:
    """Try a claimed row again later, longer after each attempt; False when the claim was lost."""
    jitter = secrets.randbelow(1000) / 1000
    wait = timedelta(seconds=rules.wait_seconds(row.attempts, jitter))
    with writing(ctx.db):
        return store.put_back(ctx.db, row, ctx.now() + wait, error, has_crashed=has_crashed)


def backlog(ctx: Context) -> Backlog:
    """Return how far behind the queue is; for health and operators."""
    counts = store.counts(ctx.db)
    oldest = store.oldest_queued(ctx.db)
    return Backlog(counts[State.QUEUED], counts[State.PARKED], oldest)


def standing(ctx: Context) -> Standing:
    """Return whether a worker lives and how far it is behind; for health and operators."""
    waits = backlog(ctx)
    seen, oldest = _age(ctx, last_beat(ctx)), _age(ctx, waits.oldest_at)
    return Standing(seen, waits.queued, waits.parked, oldest)


def parked(ctx: Context, limit: int = 100) -> list[Parked]:
    """Return what was given up, the newest first."""
    return [
        Parked(
            row.id,
            row.kind,
            row.created_at,
            row.settled_at or row.created_at,
            row.attempts,
            row.last_error or "",
        )
        for row in store.parked(ctx.db, limit)
    ]


def retry_parked(ctx: Context, row_id: str) -> bool:
    """Queue a parked row anew, inside `writing`; False when it is not parked."""
    return store.unpark(ctx.db, row_id, ctx.now())


def purge(ctx: Context, limit: int = 500) -> int:
    """Delete a batch of rows delivered a week ago or parked a month ago; return how many.

    Opens its own `writing`.
    """
    now = ctx.now()
    with writing(ctx.db):
        return store.purge(ctx.db, now - _DELIVERED_KEPT, now - _PARKED_KEPT, limit)


def beat(ctx: Context, worker: str) -> None:
    """Note that a worker process is alive; opens its own `writing`."""
    with writing(ctx.db):
        store.beat(ctx.db, worker, ctx.now(), ctx.now() - _WORKER_KEPT)


def last_beat(ctx: Context) -> datetime | None:
    """Return when a worker was last alive; None when there never was one."""
    return store.last_beat(ctx.db)


def _age(ctx: Context, moment: datetime | None) -> int | None:
    return int((ctx.now() - moment).total_seconds()) if moment else None


def _bound_to(row_id: str) -> str:
    return f"outbox:payload:{row_id}"
