"""Statements on the tokens that programs were given in their own name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from idp.oidc.clients.store import CLIENTS
from idp.oidc.grants.model import ClientTokenRow

CLIENT_TOKEN = cast("Table", ClientTokenRow.__table__)
_NAMES = ("id", "client_id", "token_hash", "scope", "resource", "issued_at", "expires_at")
_INSERT = (
    insert(CLIENT_TOKEN)
    .from_select(
        _NAMES,
        select(*(bindparam(f"b_{name}", type_=CLIENT_TOKEN.c[name].type) for name in _NAMES)).where(
            CLIENTS.c.client_id == bindparam("b_client_id"),
            CLIENTS.c.version == bindparam("b_version"),
            CLIENTS.c.disabled_at.is_(None),
        ),
    )
    .returning(CLIENT_TOKEN.c.id)
)


def add(connection: Connection, values: Mapping[str, Any], version: int) -> bool:
    """Store a token; False when the client's registration is not this version of it any more."""
    named = {f"b_{name}": values[name] for name in _NAMES} | {"b_version": version}
    return connection.execute(_INSERT, named).first() is not None


def forget_ended(session: Session, before: datetime, limit: int) -> int:
    """Delete one batch of tokens that ended before a moment; return how many."""
    old = select(CLIENT_TOKEN.c.id).where(CLIENT_TOKEN.c.expires_at < before).limit(limit)
    gone = delete(CLIENT_TOKEN).where(CLIENT_TOKEN.c.id.in_(old)).returning(CLIENT_TOKEN.c.id)
    return len(session.execute(gone).all())
