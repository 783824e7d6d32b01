"""Queries for signing keys."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from idp.foundation.signing_keys.model import SigningKeyRow

_LIVE = ("published", "active", "retired")


def live(session: Session) -> Sequence[SigningKeyRow]:
    """Return every key that verifies tokens, the active ones first."""
    rows = session.scalars(
        select(SigningKeyRow)
        .where(SigningKeyRow.state.in_(_LIVE))
        .order_by(SigningKeyRow.created_at.desc())
    ).all()
    return sorted(rows, key=lambda row: row.state != "active")


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
