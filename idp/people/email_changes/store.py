"""Queries for email changes. Every step from one state to the next is ONE statement."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from idp.people.email_changes.model import EmailChange


def get(session: Session, change_id: str) -> EmailChange | None:
    """Return a change, as it is now."""
    return session.get(EmailChange, change_id, populate_existing=True)


def waiting(session: Session, account_id: str) -> Sequence[EmailChange]:
    """Return the changes of an account whose new mailbox is not proven yet; one for each kind."""
    return session.scalars(
        select(EmailChange)
        .where(EmailChange.account_id == account_id, EmailChange.state == "waiting")
        .order_by(EmailChange.kind.desc())
    ).all()


def since(session: Session, change: EmailChange) -> Sequence[EmailChange]:
    """Return a change and those that were asked for after it and are not over, oldest first."""
    return session.scalars(
        select(EmailChange)
        .where(
            EmailChange.account_id == change.account_id,
            EmailChange.asked_at >= change.asked_at,
            EmailChange.state.in_(("waiting", "confirmed")),
        )
        .order_by(EmailChange.asked_at)
    ).all()


def undoable(session: Session, account_id: str, now: datetime) -> Sequence[EmailChange]:
    """Return the changes that were made and can still be undone, the oldest first."""
    return session.scalars(
        select(EmailChange)
        .where(
            EmailChange.account_id == account_id,
            EmailChange.state == "confirmed",
            EmailChange.undo_until > now,
        )
        .order_by(EmailChange.asked_at)
    ).all()


def end(session: Session, change_id: str, former: str, state: str, moment: datetime) -> bool:
    """Move a change that is in one state to its last one; tell whether it was this call."""
    return _move(session, change_id, former, {"state": state, "ended_at": moment})


def confirm(session: Session, change_id: str, moment: datetime, undo_until: datetime) -> bool:
    """Note that the new mailbox is proven; tell whether it was this call."""
    values = {"state": "confirmed", "confirmed_at": moment, "undo_until": undo_until}
    return _move(session, change_id, "waiting", values)


def forget(session: Session, before: datetime, limit: int) -> int:
    """Delete a batch of changes that were confirmed, or else asked for, before a moment."""
    last_step = func.coalesce(EmailChange.confirmed_at, EmailChange.asked_at)
    old = select(EmailChange.id).where(last_step < before).limit(limit)
    gone = delete(EmailChange).where(EmailChange.id.in_(old)).returning(EmailChange.id)
    return len(session.scalars(gone).all())


def _move(session: Session, change_id: str, former: str, values: dict[str, object]) -> bool:
    moved = session.execute(
        update(EmailChange)
        .where(EmailChange.id == change_id, EmailChange.state == former)
        .values(**values)
        .returning(EmailChange.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None
