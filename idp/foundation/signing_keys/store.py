"""Queries for signing keys."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from idp.foundation.signing_keys.model import SigningKeyRow

IN_USE = ("published", "active")


def live(session: Session, retired_after: datetime) -> Sequence[SigningKeyRow]:
    """Return every key that verifies tokens, newest first.

    retired_after: what was retired before has signed nothing that is still alive.
    """
    is_kept = and_(SigningKeyRow.state == "retired", SigningKeyRow.retired_at > retired_after)
    return session.scalars(
        select(SigningKeyRow)
        .where(or_(SigningKeyRow.state.in_(IN_USE), is_kept))
        .order_by(SigningKeyRow.created_at.desc())
    ).all()


def waiting(session: Session) -> Sequence[SigningKeyRow]:
    """Return the keys that are published and do not sign yet, oldest first."""
    return session.scalars(
        select(SigningKeyRow)
        .where(SigningKeyRow.state == "published")
        .order_by(SigningKeyRow.created_at)
    ).all()


def retire(session: Session, alg: str, moment: datetime, *, successor: str) -> str | None:
    """Let the key that signs with the algorithm sign no more; return its id.

    Never the successor itself, which another worker may have activated a moment ago.
    """
    return session.scalar(
        update(SigningKeyRow)
        .where(
            SigningKeyRow.alg == alg,
            SigningKeyRow.state == "active",
            SigningKeyRow.kid != successor,
        )
        .values(state="retired", retired_at=moment)
        .returning(SigningKeyRow.kid)
    )


def activate(session: Session, kid: str, moment: datetime) -> bool:
    """Let a published key sign; False when another process was first."""
    done = session.scalar(
        update(SigningKeyRow)
        .where(SigningKeyRow.kid == kid, SigningKeyRow.state == "published")
        .values(state="active", activated_at=moment)
        .returning(SigningKeyRow.kid)
    )
    return done is not None


def forget(session: Session, before: datetime) -> int:
    """Delete keys that signed nothing alive, with their private halves; return how many."""
    gone = session.scalars(
        delete(SigningKeyRow)
        .where(
            SigningKeyRow.state.in_(("retired", "withdrawn")), SigningKeyRow.retired_at <= before
        )
        .returning(SigningKeyRow.kid)
    )
    return len(gone.all())


def every(session: Session) -> Sequence[SigningKeyRow]:
    """Return every key, newest first."""
    return session.scalars(select(SigningKeyRow).order_by(SigningKeyRow.created_at.desc())).all()


def active(session: Session, alg: str) -> SigningKeyRow | None:
    """Return the key that signs with the algorithm now."""
    return session.scalar(
        select(SigningKeyRow).where(SigningKeyRow.alg == alg, SigningKeyRow.state == "active")
    )


def by_kid(session: Session, kid: str) -> SigningKeyRow | None:
    """Return one key."""
    return session.get(SigningKeyRow, kid)


def add(session: Session, row: SigningKeyRow, moment: datetime) -> None:
    """Keep a new key."""
    row.created_at = moment
    session.add(row)
    session.flush()
