"""Statements on pushed requests."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, delete, insert, select
from sqlalchemy.engine import Connection

from idp.oidc.pushed.model import PushedRequestRow

_PUSHED = cast("Table", PushedRequestRow.__table__)
_INSERT = insert(_PUSHED)
# One statement that one caller can win: a request_uri works once (RFC 9126 §7.3, case PA-03).
_TAKE = (
    delete(_PUSHED)
    .where(
        _PUSHED.c.uri_hash == bindparam("b_uri_hash"),
        _PUSHED.c.client_id == bindparam("b_client_id"),
    )
    .returning(_PUSHED.c.parameters, _PUSHED.c.expires_at)
)


def add(
    connection: Connection,
    uri_hash: str,
    client_id: str,
    parameters: Mapping[str, str],
    expires_at: datetime,
) -> None:
    """Store a request."""
    values = {
        "uri_hash": uri_hash,
        "client_id": client_id,
        "parameters": dict(parameters),
        "expires_at": expires_at,
    }
    connection.execute(_INSERT, values)


def take(
    connection: Connection, uri_hash: str, client_id: str, now: datetime
) -> dict[str, str] | None:
    """Take a client's request away and return it; None when there is none, or it is too old."""
    values = {"b_uri_hash": uri_hash, "b_client_id": client_id}
    found = connection.execute(_TAKE, values).one_or_none()
    if found is None or now >= found.expires_at:
        return None
    parameters: dict[str, str] = found.parameters
    return parameters


def forget_expired(connection: Connection, now: datetime, limit: int) -> int:
    """Delete one batch of requests that nobody came for; return how many."""
    old = select(_PUSHED.c.uri_hash).where(_PUSHED.c.expires_at < now).limit(limit)
    return connection.execute(delete(_PUSHED).where(_PUSHED.c.uri_hash.in_(old))).rowcount
