"""Queries for sessions."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from idp.people.accounts.service import Account
from idp.people.sessions.model import SessionClient, SessionRow

Pair = tuple[SessionRow, Account]


def live_by_secret_hash(session: Session, secret_hash: str) -> Pair | None:
    """Return the session of a cookie and its account, in one statement, unless it was ended."""
    return _pair(session, _live().where(SessionRow.secret_hash == secret_hash))


def by_secret_hash(session: Session, secret_hash: str) -> Pair | None:
    """Return the session of a cookie and its account, ended or not."""
    query = select(SessionRow, Account).join(Account, Account.id == SessionRow.account_id)
    return _pair(session, query.where(SessionRow.secret_hash == secret_hash))


def live_by_sid(session: Session, sid: str) -> Pair | None:
    """Return the session that applications know as `sid`, and its account."""
    return _pair(session, _live().where(SessionRow.sid == sid))


def live_by_id(session: Session, session_id: str) -> Pair | None:
    """Return a session by its key, and its account."""
    return _pair(session, _live().where(SessionRow.id == session_id))


def get(session: Session, session_id: str) -> SessionRow | None:
    """Return a session, ended or not."""
    return session.get(SessionRow, session_id)


def record_action(session: Session, session_id: str, moment: datetime) -> bool:
    """Move the last action forward, never back; tell whether it moved."""
    moved = session.execute(
        update(SessionRow)
        .where(
            SessionRow.id == session_id,
            SessionRow.ended_at.is_(None),
            SessionRow.last_action_at < moment,
        )
        .values(last_action_at=moment)
        .returning(SessionRow.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


def rekey(session: Session, session_id: str, secret_hash: str) -> None:
    """Let another cookie be the session's; the former is worth nothing from now on."""
    session.execute(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.ended_at.is_(None))
        .values(secret_hash=secret_hash)
        .execution_options(synchronize_session=False)
    )


def end(session: Session, session_id: str, reason: str, moment: datetime) -> SessionRow | None:
    """End a session in one statement; None when it was ended before."""
    return session.scalar(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.ended_at.is_(None))
        .values(ended_at=moment, end_reason=reason)
        .returning(SessionRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )


def claim_idle(session: Session, session_id: str, now: datetime) -> SessionRow | None:
    """Note in one statement that a session goes on in another; None when it does already."""
    return session.scalar(
        update(SessionRow)
        .where(
            SessionRow.id == session_id,
            SessionRow.end_reason == "idle",
            SessionRow.overall_ends_at > now,
        )
        .values(end_reason="resumed")
        .returning(SessionRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )


def live_ids_of(session: Session, account_id: str) -> Sequence[str]:
    """Return the keys of an account's sessions that were not ended."""
    return session.scalars(
        select(SessionRow.id).where(
            SessionRow.account_id == account_id, SessionRow.ended_at.is_(None)
        )
    ).all()


def overdue(
    session: Session, idle_before: datetime, now: datetime, limit: int
) -> Sequence[tuple[str, datetime]]:
    """Return (key, overall end) of sessions whose time is over but that nobody has ended yet."""
    rows = session.execute(
        select(SessionRow.id, SessionRow.overall_ends_at)
        .where(
            SessionRow.ended_at.is_(None),
            or_(SessionRow.last_action_at <= idle_before, SessionRow.overall_ends_at <= now),
        )
        .limit(limit)
    )
    return [(row.id, row.overall_ends_at) for row in rows]


def attach(
    session: Session,
    session_id: str,
    client_id: str,
    names: Mapping[str, str] | None,
    moment: datetime,
) -> None:
    """Note that an application takes part in a session; once is enough."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    values = {
        "session_id": session_id,
        "client_id": client_id,
        "client_names": dict(names) if names else None,
        "attached_at": moment,
    }
    session.execute(dialect.insert(SessionClient).values(values).on_conflict_do_nothing())


def clients_of(session: Session, session_id: str) -> Sequence[str]:
    """Return the applications that take part in a session."""
    return session.scalars(
        select(SessionClient.client_id).where(SessionClient.session_id == session_id)
    ).all()


def forget_ended(session: Session, before: datetime, limit: int) -> int:
    """Delete a batch of sessions that ended long ago; return how many."""
    old = select(SessionRow.id).where(SessionRow.ended_at < before).limit(limit)
    gone = delete(SessionRow).where(SessionRow.id.in_(old)).returning(SessionRow.id)
    return len(session.scalars(gone).all())


def _live() -> Select[SessionRow, Account]:
    return (
        select(SessionRow, Account)
        .join(Account, Account.id == SessionRow.account_id)
        .where(SessionRow.ended_at.is_(None))
    )


def _pair(session: Session, query: Select[SessionRow, Account]) -> Pair | None:
    row = session.execute(query.execution_options(populate_existing=True)).first()
    return (row[0], row[1]) if row else None
