"""Statements on grants and tokens: built once, run with parameters.

Each artefact is consumed by one statement that only one caller can win: a code by the UPDATE that
marks it redeemed, a refresh token by the INSERT of its successor (unique constraint).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnClause,
    Row,
    ScalarSelect,
    Table,
    TableClause,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from idp.oidc.clients.store import CLIENTS
from idp.oidc.grants.model import GrantRow, TokenRow
from idp.oidc.grants.standing import ACCOUNT, CONSENT, SESSION, SESSION_CLIENT

GRANT = cast("Table", GrantRow.__table__)
TOKEN = cast("Table", TokenRow.__table__)
Record = Row[Any, *tuple[Any, ...]]
_SUCCESSOR = TOKEN.alias("successor")
_SUCCESSOR_ACCESS = TOKEN.alias("successor_access")
STANDING = (
    SESSION.c.ended_at,
    SESSION.c.last_action_at,
    SESSION.c.overall_ends_at,
    ACCOUNT.c.state.label("account_state"),
    ACCOUNT.c.grants_end_before,
    CONSENT.c.withdrawn_at.label("consent_withdrawn_at"),
)


def _beside_grant(column: ColumnClause[Any]) -> ScalarSelect[Any]:
    """Return a column of what a grant rests on for RETURNING, where SQLite has no join.

    Names are written out: SQLAlchemy leaves the table away inside RETURNING on SQLite.
    """
    beside = cast("TableClause", column.table)
    key = beside.name
    is_its = literal_column(f"{key}.id") == literal_column(f"oidc_grant.{key}_id")
    return select(column).select_from(beside).where(is_its).scalar_subquery()


_TAKES_PART_ALREADY = (
    select(literal(1))
    .select_from(SESSION_CLIENT)
    .where(
        literal_column("session_client.session_id") == literal_column("oidc_grant.session_id"),
        literal_column("session_client.client_id") == literal_column("oidc_grant.client_id"),
    )
)
_INSERT_GRANT = insert(GRANT).returning(exists(_TAKES_PART_ALREADY).label("takes_part"))

_REDEEM = (
    update(GRANT)
    .where(
        GRANT.c.code_hash == bindparam("b_code_hash"),
        GRANT.c.redeemed_at.is_(None),
        exists(
            select(literal(1)).where(
                CLIENTS.c.client_id == bindparam("b_client_id"),
                CLIENTS.c.version == bindparam("b_client_version"),
                CLIENTS.c.disabled_at.is_(None),
            )
        ),
    )
    .values(redeemed_at=bindparam("b_now"))
    .returning(
        *GRANT.c,
        _beside_grant(SESSION.c.ended_at).label("ended_at"),
        _beside_grant(SESSION.c.last_action_at).label("last_action_at"),
        _beside_grant(SESSION.c.overall_ends_at).label("overall_ends_at"),
        _beside_grant(ACCOUNT.c.state).label("account_state"),
        _beside_grant(ACCOUNT.c.grants_end_before).label("grants_end_before"),
        _beside_grant(CONSENT.c.withdrawn_at).label("consent_withdrawn_at"),
        _beside_grant(ACCOUNT.c.username).label("username"),
        _beside_grant(ACCOUNT.c.account_type).label("account_type"),
    )
)

_BY_CODE = select(GRANT.c.id, GRANT.c.redeemed_at).where(
    GRANT.c.code_hash == bindparam("b_code_hash")
)

_OF_TOKEN = TOKEN.join(GRANT, GRANT.c.id == TOKEN.c.grant_id)
_OF_STANDING = frozenset({"id", "state", "grants_end_before"})
WITH_PERSON = (
    _OF_TOKEN.join(CLIENTS, CLIENTS.c.client_id == GRANT.c.client_id)
    .outerjoin(SESSION, SESSION.c.id == GRANT.c.session_id)
    .join(ACCOUNT, ACCOUNT.c.id == GRANT.c.account_id)
    .outerjoin(CONSENT, CONSENT.c.id == GRANT.c.consent_id)
)

_FOR_USERINFO = (
    select(
        TOKEN.c.scope,
        TOKEN.c.expires_at,
        GRANT.c.client_id,
        GRANT.c.session_id,
        GRANT.c.account_id,
        GRANT.c.sub,
        GRANT.c.revoked_at,
        GRANT.c.granted_at,
        GRANT.c.is_offline,
        GRANT.c.claims.label("claims_asked"),
        CLIENTS.c.userinfo_signing_alg,
        *STANDING,
        *(each for each in ACCOUNT.c if each.name not in _OF_STANDING),
    )
    .select_from(WITH_PERSON)
    .where(
        TOKEN.c.token_hash == bindparam("b_token_hash"),
        TOKEN.c.kind == "access",
        TOKEN.c.resource.is_(None),
        CLIENTS.c.disabled_at.is_(None),
    )
)

_FOR_REFRESH = (
    select(
        TOKEN.c.id.label("token_id"),
        TOKEN.c.expires_at,
        TOKEN.c.scope.label("token_scope"),
        _SUCCESSOR.c.id.label("successor_id"),
        _SUCCESSOR.c.token_hash.label("successor_hash"),
        _SUCCESSOR.c.issued_at.label("successor_issued_at"),
        _SUCCESSOR_ACCESS.c.scope.label("successor_scope"),
        _SUCCESSOR_ACCESS.c.resource.label("successor_resource"),
        *GRANT.c,
        *STANDING,
        ACCOUNT.c.username,
        ACCOUNT.c.account_type,
        CLIENTS.c.version.label("client_version"),
    )
    .select_from(
        WITH_PERSON.outerjoin(
            _SUCCESSOR,
            and_(_SUCCESSOR.c.predecessor_id == TOKEN.c.id, _SUCCESSOR.c.kind == "refresh"),
        ).outerjoin(
            _SUCCESSOR_ACCESS,
            and_(
                _SUCCESSOR_ACCESS.c.predecessor_id == TOKEN.c.id,
                _SUCCESSOR_ACCESS.c.kind == "access",
            ),
        )
    )
    .where(
        TOKEN.c.token_hash == bindparam("b_token_hash"),
        TOKEN.c.kind == "refresh",
        CLIENTS.c.disabled_at.is_(None),
    )
)

_HAS_SUCCESSOR = select(TOKEN.c.id).where(TOKEN.c.predecessor_id == bindparam("b_id")).limit(1)
_INSERT_TOKENS = insert(TOKEN)
_PERSON = select(ACCOUNT).where(ACCOUNT.c.id == bindparam("b_account_id"))
_TAKES_PART = select(
    exists().where(
        SESSION.c.id == SESSION_CLIENT.c.session_id,
        SESSION.c.sid == bindparam("b_sid"),
        SESSION_CLIENT.c.client_id == bindparam("b_client_id"),
    )
)


def add_grant(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Store a grant with its code; tell whether the client takes part in the session only now."""
    return not connection.execute(_INSERT_GRANT, dict(values)).scalar_one()


def redeem(
    connection: Connection, code_hash: str, *, client_id: str, version: int, now: datetime
) -> Record | None:
    """Consume a code and return its grant with the state of its session and person.

    None when there is no such code, when it was redeemed before, or when the registration of the
    client that asks is not this version of it any more.
    """
    values = {
        "b_code_hash": code_hash,
        "b_client_id": client_id,
        "b_client_version": version,
        "b_now": now,
    }
    return connection.execute(_REDEEM, values).one_or_none()


def by_code(connection: Connection, code_hash: str) -> Record | None:
    """Return id and redeemed_at of the grant of a code."""
    return connection.execute(_BY_CODE, {"b_code_hash": code_hash}).one_or_none()


def add_tokens(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store tokens in one statement; IntegrityError when their predecessor has successors."""
    connection.execute(_INSERT_TOKENS.values([dict(row) for row in rows]))


def for_refresh(connection: Connection, token_hash: str) -> Record | None:
    """Return a refresh token with its successor, its grant, its person and its client's version."""
    return connection.execute(_FOR_REFRESH, {"b_token_hash": token_hash}).one_or_none()


def has_successor(connection: Connection, token_id: str) -> bool:
    """Tell whether a refresh token has been used."""
    return connection.execute(_HAS_SUCCESSOR, {"b_id": token_id}).first() is not None


def for_userinfo(connection: Connection, token_hash: str) -> Record | None:
    """Return an access token with its grant and everything that claims are made of."""
    return connection.execute(_FOR_USERINFO, {"b_token_hash": token_hash}).one_or_none()


def person(connection: Connection, account_id: str) -> Record:
    """Return what claims about a person are made of."""
    return connection.execute(_PERSON, {"b_account_id": account_id}).one()


def takes_part(connection: Connection, sid: str, client_id: str) -> bool:
    """Tell whether a client takes part in a session."""
    values = {"b_sid": sid, "b_client_id": client_id}
    return bool(connection.execute(_TAKES_PART, values).scalar_one())


def revoke(session: Session, grant_id: str, reason: str, now: datetime) -> int | None:
    """Revoke a grant and with it all its tokens; return how many it has, None if it was revoked."""
    done = session.execute(
        update(GRANT)
        .where(GRANT.c.id == grant_id, GRANT.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_because=reason)
        .returning(GRANT.c.id)
    ).first()
    if done is None:
        return None
    counted = select(func.count()).select_from(TOKEN).where(TOKEN.c.grant_id == grant_id)
    return session.execute(counted).scalar_one()


def forget_ended(session: Session, before: datetime, limit: int) -> int:
    """Delete one batch of what is over; return how many rows.

    Expired tokens, codes never redeemed, and grants that have neither token nor session left.
    """
    old_tokens = select(TOKEN.c.id).where(TOKEN.c.expires_at < before).limit(limit)
    old_codes = (
        select(GRANT.c.id)
        .where(GRANT.c.code_expires_at < before, GRANT.c.redeemed_at.is_(None))
        .limit(limit)
    )
    left = exists(select(literal(1)).where(TOKEN.c.grant_id == GRANT.c.id))
    empty = (
        select(GRANT.c.id)
        .where(GRANT.c.code_expires_at < before, GRANT.c.session_id.is_(None), ~left)
        .limit(limit)
    )
    gone = session.execute(delete(TOKEN).where(TOKEN.c.id.in_(old_tokens)).returning(TOKEN.c.id))
    over = or_(GRANT.c.id.in_(old_codes), GRANT.c.id.in_(empty))
    unused = session.execute(delete(GRANT).where(over).returning(GRANT.c.id))
    return len(gone.all()) + len(unused.all())
