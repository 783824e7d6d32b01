"""Tokens that somebody presents: found by hash in one statement, whoever's and whatever kind.

For introspection and revocation; what is used (userinfo, refresh) has statements of its own.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, false, literal, null, select, union_all, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from idp.foundation.context import Context
from idp.oidc.clients.store import CLIENTS
from idp.oidc.grants.client_tokens import CLIENT_TOKEN
from idp.oidc.grants.standing import Standing
from idp.oidc.grants.store import GRANT, STANDING, TOKEN, WITH_PERSON, Record

# A token of a program itself; the kinds of a person's tokens are those of TokenRow.
OWN = "own"
_LATER = TOKEN.alias("later")
_CALLER_VERSION = (
    select(CLIENTS.c.version)
    .where(CLIENTS.c.client_id == bindparam("b_caller"), CLIENTS.c.disabled_at.is_(None))
    .scalar_subquery()
    .label("caller_version")
)
_PERSONAL = (
    GRANT.c.sub, GRANT.c.auth_time, GRANT.c.acr, GRANT.c.amr, GRANT.c.authorization_details,
    GRANT.c.granted_at, GRANT.c.is_offline, GRANT.c.revoked_at, GRANT.c.account_id, *STANDING,
)  # fmt: skip
_OF_PERSON = (
    select(
        TOKEN.c.id,
        TOKEN.c.kind,
        TOKEN.c.scope,
        TOKEN.c.resource,
        TOKEN.c.issued_at,
        TOKEN.c.expires_at,
        TOKEN.c.grant_id,
        GRANT.c.client_id,
        exists(
            select(literal(1)).where(_LATER.c.predecessor_id == TOKEN.c.id),
        ).label("is_used"),
        _CALLER_VERSION,
        *_PERSONAL,
    )
    .select_from(WITH_PERSON)
    .where(TOKEN.c.token_hash == bindparam("b_token_hash"), CLIENTS.c.disabled_at.is_(None))
)
_OF_PROGRAM = (
    select(
        CLIENT_TOKEN.c.id,
        literal(OWN),
        CLIENT_TOKEN.c.scope,
        CLIENT_TOKEN.c.resource,
        CLIENT_TOKEN.c.issued_at,
        CLIENT_TOKEN.c.expires_at,
        null(),
        CLIENT_TOKEN.c.client_id,
        false(),
        _CALLER_VERSION,
        *(null() for _ in _PERSONAL),
    )
    .select_from(
        CLIENT_TOKEN.join(
            CLIENTS,
            and_(CLIENTS.c.client_id == CLIENT_TOKEN.c.client_id, CLIENTS.c.disabled_at.is_(None)),
        )
    )
    .where(CLIENT_TOKEN.c.token_hash == bindparam("b_token_hash"))
)
_FIND = union_all(_OF_PERSON, _OF_PROGRAM)


def find(connection: Connection, token_hash: str, caller: str) -> Record | None:
    """Return a token with what it rests on, and the present version of the client that asks."""
    values = {"b_token_hash": token_hash, "b_caller": caller}
    return connection.execute(_FIND, values).one_or_none()


def is_active(ctx: Context, found: Record) -> bool:
    """Tell whether a token would be accepted now (RFC 7662 §2.2)."""
    if ctx.now() >= found.expires_at or found.is_used:
        return False
    return found.kind == OWN or (found.revoked_at is None and Standing.of(found).holds(ctx))


def end_access(session: Session, found: Record, now: datetime) -> None:
    """End one access token, and nothing beside it."""
    table: Any = CLIENT_TOKEN if found.kind == OWN else TOKEN
    session.execute(update(table).where(table.c.id == found.id).values(expires_at=now))
