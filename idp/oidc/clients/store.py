"""Queries for clients."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from idp.oidc.clients.client import Client, origins_of
from idp.oidc.clients.model import ClientRow
from idp.oidc.scopes import MACHINE, split

CLIENTS = cast("Table", ClientRow.__table__)
_ENABLED = select(CLIENTS).where(
    CLIENTS.c.client_id == bindparam("client_id"), CLIENTS.c.disabled_at.is_(None)
)
_REDIRECT_URIS = select(CLIENTS.c.redirect_uris).where(CLIENTS.c.disabled_at.is_(None))


def enabled(connection: Connection, client_id: str) -> Client | None:
    """Return a client that is not disabled; one statement."""
    row = connection.execute(_ENABLED, {"client_id": client_id}).one_or_none()
    return _client(row) if row else None


def origins(connection: Connection) -> frozenset[str]:
    """Return the origins of the redirection URIs of all clients that are not disabled."""
    rows = connection.execute(_REDIRECT_URIS).scalars()
    return frozenset(origin for uris in rows for origin in origins_of(uris))


def get(session: Session, client_id: str) -> ClientRow | None:
    """Return the row of a client, disabled or not."""
    return session.get(ClientRow, client_id)


def every(session: Session) -> Sequence[ClientRow]:
    """Return all clients by their id."""
    return session.scalars(select(ClientRow).order_by(ClientRow.client_id)).all()


def _client(row: Row[Any, *tuple[Any, ...]]) -> Client:
    registered = frozenset(split(row.scope))
    return Client(
        client_id=row.client_id,
        names=row.names,
        client_uri=row.client_uri,
        secret_hash=row.secret_hash,
        auth_method=row.auth_method,
        grant_types=frozenset(row.grant_types),
        redirect_uris=frozenset(row.redirect_uris),
        post_logout_redirect_uris=frozenset(row.post_logout_redirect_uris),
        backchannel_logout_uri=row.backchannel_logout_uri,
        initiate_login_uri=row.initiate_login_uri,
        scopes=registered - set(MACHINE),
        machine_scopes=registered & set(MACHINE),
        signing_alg=row.signing_alg,
        default_acr_values=tuple(row.default_acr_values),
        auth_signing_alg=row.auth_signing_alg,
        userinfo_signing_alg=row.userinfo_signing_alg,
        resources=frozenset(row.resources),
        serves=frozenset(row.serves),
        requires_pkce=row.require_pkce,
        is_first_party=row.first_party,
        reports_activity=row.reports_activity,
        version=row.version,
        frontchannel_logout_uri=row.frontchannel_logout_uri,
        is_native=row.application_type == "native",
        is_pairwise=row.subject_type == "pairwise",
        jwks=row.jwks,
        request_object_alg=row.request_object_signing_alg,
        requires_pushed=row.require_pushed,
        authorization_details_types=frozenset(row.authorization_details_types),
    )
