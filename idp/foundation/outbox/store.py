"""Queries of the outbox."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from idp.foundation.outbox.model import OutboxRow, State, WorkerHeartbeat


def add(session: Session, row: OutboxRow) -> None:
    """Keep a new row."""
    session.add(row)
    session.flush()


def is_any_due(session: Session, kinds: Sequence[str], now: datetime) -> bool:
    """Tell whether a claim would find something; takes no lock."""
    return session.scalar(select(OutboxRow.id).where(*_due(kinds, now)).limit(1)) is not None


def claim(
    session: Session, kinds: Sequence[str], owner: str, now: datetime, lease: timedelta
) -> OutboxRow | None:
    """Take the row that is due longest; ONE statement, so two workers never take the same.

    SKIP LOCKED (PostgreSQL; SQLite has one writer and drops the clause) lets the others go on
    to the next row. The condition stands again outside: it is looked at once more after a lock
    was waited for.
    """
    chosen = (
        select(OutboxRow.id)
        .where(*_due(kinds, now))
        .order_by(OutboxRow.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    return session.scalars(
        update(OutboxRow)
        .where(OutboxRow.id.in_(select(chosen.c.id)), *_due(kinds, now))
        .values(leased_until=now + lease, lease_owner=owner, attempts=OutboxRow.attempts + 1)
        .returning(OutboxRow)
        .execution_options(synchronize_session=False)
    ).first()


def settle(
    session: Session, held: OutboxRow, state: State, now: datetime, error: str | None = None
) -> bool:
    """Write how a claimed row ended; False when the claim was lost.

    Only a parked one keeps its payload, to be tried again by hand.
    """
    values = {"state": state.value, "settled_at": now, "last_error": error}
    if state is not State.PARKED:
        values["payload"] = None
    return _change_held(session, held, {**values, "leased_until": None, "lease_owner": None})


def put_back(
    session: Session, held: OutboxRow, due_at: datetime, error: str, *, has_crashed: bool
) -> bool:
    """End the lease and say when to try again; False when the claim was lost."""
    values = {"due_at": due_at, "last_error": error, "leased_until": None, "lease_owner": None}
    crashes = {"crashes": OutboxRow.crashes + 1} if has_crashed else {}
    return _change_held(session, held, {**values, **crashes})


def unpark(session: Session, row_id: str, now: datetime) -> bool:
    """Queue a parked row anew; False when there is none."""
    return bool(
        session.scalar(
            update(OutboxRow)
            .where(OutboxRow.id == row_id, OutboxRow.state == State.PARKED)
            .values(state=State.QUEUED.value, attempts=0, crashes=0, due_at=now, settled_at=None)
            .returning(OutboxRow.id)
        )
    )


def parked(session: Session, limit: int) -> Sequence[OutboxRow]:
    """Return parked rows, the newest first."""
    return session.scalars(
        select(OutboxRow)
        .where(OutboxRow.state == State.PARKED)
        .order_by(OutboxRow.settled_at.desc())
        .limit(limit)
    ).all()


def counts(session: Session) -> dict[str, int]:
    """Return how many rows wait and how many are parked."""
    waiting = (State.QUEUED.value, State.PARKED.value)
    rows = session.execute(
        select(OutboxRow.state, func.count())
        .where(OutboxRow.state.in_(waiting))
        .group_by(OutboxRow.state)
    ).all()
    return dict.fromkeys(waiting, 0) | {row[0]: row[1] for row in rows}


def oldest_queued(session: Session) -> datetime | None:
    """Return since when the oldest undelivered row waits."""
    return session.scalar(
        select(func.min(OutboxRow.created_at)).where(OutboxRow.state == State.QUEUED)
    )


def purge(session: Session, delivered_before: datetime, parked_before: datetime, limit: int) -> int:
    """Delete a batch of settled rows: delivered and dropped ones soon, parked ones later."""
    done = OutboxRow.state.in_((State.DELIVERED.value, State.DROPPED.value))
    old = done & (OutboxRow.settled_at < delivered_before)
    given_up = (OutboxRow.state == State.PARKED) & (OutboxRow.settled_at < parked_before)
    batch = select(OutboxRow.id).where(old | given_up).limit(limit)
    gone = delete(OutboxRow).where(OutboxRow.id.in_(batch)).returning(OutboxRow.id)
    return len(session.scalars(gone).all())


def beat(session: Session, worker: str, now: datetime, forget_before: datetime) -> None:
    """Note that a worker works; forget the ones not seen for long."""
    session.merge(WorkerHeartbeat(worker=worker, beat_at=now))
    session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.beat_at < forget_before))


def last_beat(session: Session) -> datetime | None:
    """Return when any worker was last seen."""
    return session.scalar(select(func.max(WorkerHeartbeat.beat_at)))


def _due(kinds: Sequence[str], now: datetime) -> list[ColumnElement[bool]]:
    return [
        OutboxRow.state == State.QUEUED.value,
        OutboxRow.due_at <= now,
        OutboxRow.leased_until.is_(None) | (OutboxRow.leased_until < now),
        OutboxRow.kind.in_(kinds),
    ]


def _change_held(session: Session, held: OutboxRow, values: dict[str, object]) -> bool:
    """Change a row for whoever still holds it: the same owner, and the same one of its claims."""
    changed = session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.id == held.id,
            OutboxRow.state == State.QUEUED,
            OutboxRow.lease_owner == held.lease_owner,
            OutboxRow.attempts == held.attempts,
        )
        .values(**values)
        .returning(OutboxRow.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None
