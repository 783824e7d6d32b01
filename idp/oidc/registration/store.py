"""Statements on initial access tokens."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from idp.oidc.clients import store as clients
from idp.oidc.clients.rules import is_client_id
from idp.oidc.clients.service import ClientRow
from idp.oidc.registration.model import RegistrationTokenRow


def add(session: Session, row: RegistrationTokenRow) -> None:
    """Keep a new token."""
    session.add(row)


def allows(session: Session, token_hash: str, now: datetime) -> bool:
    """Tell whether a token still allows a registration."""
    found = select(RegistrationTokenRow.id).where(*_is_alive(token_hash, now))
    return session.scalar(found) is not None


def use(session: Session, token_hash: str, now: datetime) -> bool:
    """Use a token once, in one statement in which its last use can be won by one alone."""
    used = session.scalar(
        update(RegistrationTokenRow)
        .where(*_is_alive(token_hash, now))
        .values(uses_left=RegistrationTokenRow.uses_left - 1)
        .returning(RegistrationTokenRow.id)
    )
    return used is not None


def _is_alive(token_hash: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        RegistrationTokenRow.token_hash == token_hash,
        RegistrationTokenRow.uses_left > 0,
        RegistrationTokenRow.expires_at > now,
    )


def client_of(session: Session, client_id: str, token_hash: str) -> ClientRow | None:
    """Return the enabled client that a registration access token belongs to."""
    row = clients.get(session, client_id) if is_client_id(client_id) else None
    is_its = row is not None and row.registration_token_hash == token_hash
    return row if row is not None and is_its and row.disabled_at is None else None


def forget_ended(session: Session, before: datetime) -> int:
    """Delete tokens that are used up or too old; return how many."""
    gone: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        delete(RegistrationTokenRow).where(
            or_(RegistrationTokenRow.expires_at < before, RegistrationTokenRow.uses_left <= 0)
        )
    )
    return gone.rowcount
