"""Queries of the audit trail: it is only ever added to, in batches it is read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import String, func, insert, select, text, update
from sqlalchemy.orm import Session

from idp.foundation.audit.model import AuditEvent, AuditHead, AuditLink

# Any number that no other advisory lock of this database uses.
_CHAIN_LOCK = 0x61756469
_BATCH = 1000
_INSERT = insert(AuditEvent.__table__)  # type: ignore[arg-type]  # a declarative class's Table

_COLUMNS = tuple(column.name for column in AuditEvent.__table__.columns)
LENGTHS: Mapping[str, int] = {
    column.name: column.type.length
    for column in AuditEvent.__table__.columns
    if isinstance(column.type, String) and column.type.length
}


def add(session: Session, record: Mapping[str, Any]) -> None:
    """Insert one record; it becomes visible with the transaction that it tells about."""
    session.execute(_INSERT, record)


def lock_chain(session: Session, *, wait: bool) -> bool:
    """Take the chain for the rest of this transaction; False when another process has it.

    SQLite needs none: its writing transaction is the only one.
    """
    if session.get_bind().dialect.name == "sqlite":
        return True
    if wait:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
        return True
    statement = text("SELECT pg_try_advisory_xact_lock(:key)")
    return bool(session.scalar(statement, {"key": _CHAIN_LOCK}))


def head(session: Session) -> AuditHead | None:
    """Return the record of the chain's end."""
    return session.get(AuditHead, 1)


def end(session: Session) -> tuple[AuditHead | None, int]:
    """Return the record of the chain's end and the last position, both of one moment."""
    length = select(func.max(AuditLink.position)).scalar_subquery()
    row = session.execute(select(AuditHead, length)).first()
    if row is not None:
        return row[0], row[1] or 0
    return None, session.scalar(select(func.max(AuditLink.position))) or 0


def pending(session: Session, after_id: str, limit: int) -> Sequence[AuditEvent]:
    """Return records that no link names yet, the oldest first."""
    linked = select(AuditLink.event_id).where(AuditLink.event_id == AuditEvent.id).exists()
    return session.scalars(
        select(AuditEvent)
        .where(AuditEvent.id > after_id, ~linked)
        .order_by(AuditEvent.id)
        .limit(limit)
    ).all()


def every_pending(session: Session) -> Iterator[AuditEvent]:
    """Yield all records that no link names, a thousand at a time."""
    after = ""
    while batch := pending(session, after, _BATCH):
        yield from batch
        after = batch[-1].id
        session.expunge_all()


def columns_of(event: AuditEvent) -> Mapping[str, Any]:
    """Return a record's values by column name."""
    return {name: getattr(event, name) for name in _COLUMNS}


def add_links(session: Session, links: Sequence[Mapping[str, Any]]) -> None:
    """Append links."""
    session.execute(insert(AuditLink), links)


def move_head(session: Session, values: Mapping[str, Any]) -> None:
    """Write where the chain ends now."""
    moved = session.execute(update(AuditHead).where(AuditHead.id == 1).values(**values))
    if not moved.rowcount:  # type: ignore[attr-defined]  # a CursorResult
        session.execute(insert(AuditHead).values(id=1, **values))


def chain(
    session: Session, last: int, after: int = 0
) -> Iterator[tuple[AuditLink, AuditEvent | None]]:
    """Yield every link up to a position with its event (None: gone), a thousand at a time."""
    while batch := session.execute(
        select(AuditLink, AuditEvent)
        .outerjoin(AuditEvent, AuditEvent.id == AuditLink.event_id)
        .where(AuditLink.position > after, AuditLink.position <= last)
        .order_by(AuditLink.position)
        .limit(_BATCH)
    ).all():
        yield from ((link, event) for link, event in batch)
        after = batch[-1][0].position
        session.expunge_all()


def of_subject(
    session: Session,
    subject_id: str,
    limit: int,
    events: Sequence[str] | None = None,
    before: str | None = None,
) -> Sequence[AuditEvent]:
    """Return a person's own newest records, of these events and older than a record's id."""
    query = select(AuditEvent).where(AuditEvent.subject_id == subject_id)
    if events is not None:
        query = query.where(AuditEvent.event.in_(events))
    if before is not None:
        query = query.where(AuditEvent.id < before)
    return session.scalars(query.order_by(AuditEvent.id.desc()).limit(limit)).all()
