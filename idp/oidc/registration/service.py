"""Use cases of registration: allow it, register, read, change, remove. RFC 7591 §3, RFC 7592 §2.

Both kinds of token have 256 random bits and are kept as SHA-256.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.ids import new_id, new_secret, secret_hash
from idp.oidc.clients import service as clients
from idp.oidc.clients.columns import metadata_of
from idp.oidc.clients.service import ClientRow
from idp.oidc.errors import ProtocolError
from idp.oidc.registration import metadata, store
from idp.oidc.registration.model import RegistrationTokenRow

PATH = "/oidc/register"
INVALID_TOKEN = ProtocolError("invalid_token", "The access token is not valid.")
# RFC 7592 §2.2: a change "MUST NOT include" these.
_NOT_TO_BE_SENT = (
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
)
Described = dict[str, Any]


def allow(ctx: Context, *, label: str, uses: int, seconds: int) -> str:
    """Return a new initial access token: for so many registrations, within so many seconds."""
    token = new_secret()
    row = RegistrationTokenRow(
        id=new_id(),
        label=label,
        token_hash=secret_hash(token),
        uses_left=uses,
        created_at=ctx.now(),
        expires_at=ctx.now() + timedelta(seconds=seconds),
    )
    with writing(ctx.db):
        store.add(ctx.db, row)
        record(ctx, Event.CLIENT_REGISTRATION_ALLOWED, changes={"label": label, "uses": uses})
    return token


def register(ctx: Context, token: str, said: Mapping[str, Any]) -> Described | ProtocolError:
    """Register a client; what is wrong with its metadata uses nothing up."""
    wanted = metadata.read(said, new_id(), clients.places(ctx), requires_pkce=_requires_pkce(ctx))
    with writing(ctx.db):
        if not store.allows(ctx.db, secret_hash(token), ctx.now()):
            return INVALID_TOKEN
        if isinstance(wanted, ProtocolError):
            return wanted
        if not store.use(ctx.db, secret_hash(token), ctx.now()):
            return INVALID_TOKEN
        secret, access = clients.insert(ctx, wanted), new_secret()
        ctx.db.flush()
        row = clients.row_of(ctx, wanted.client_id)
        row.registration_token_hash = secret_hash(access)
        return _described(ctx, row) | _secret(secret) | {"registration_access_token": access}


def read(ctx: Context, client_id: str, token: str) -> Described | ProtocolError:
    """Return what a client is registered with (RFC 7592 §2.1); never its secret."""
    row = store.client_of(ctx.db, client_id, secret_hash(token))
    return INVALID_TOKEN if row is None else _described(ctx, row)


def change(
    ctx: Context, client_id: str, token: str, said: Mapping[str, Any]
) -> Described | ProtocolError:
    """Replace the whole registration (RFC 7592 §2.2), and the token that allows it."""
    wanted = metadata.read(said, client_id, clients.places(ctx), requires_pkce=_requires_pkce(ctx))
    with writing(ctx.db):
        row = store.client_of(ctx.db, client_id, secret_hash(token))
        if row is None:
            return INVALID_TOKEN
        problem = _of_change(ctx, row, said)
        if problem or isinstance(wanted, ProtocolError):
            return problem or wanted  # type: ignore[return-value]
        secret = new_secret() if wanted.has_secret and row.secret_hash is None else None
        clients.change(ctx, row, wanted, secret)
        access = new_secret()
        row.registration_token_hash = secret_hash(access)
        return _described(ctx, row) | _secret(secret) | {"registration_access_token": access}


def remove(ctx: Context, client_id: str, token: str) -> ProtocolError | None:
    """End a client and everything it holds (RFC 7592 §2.3); its id is never given again."""
    with writing(ctx.db):
        row = store.client_of(ctx.db, client_id, secret_hash(token))
        if row is None:
            return INVALID_TOKEN
        row.registration_token_hash = None
        clients.end(ctx, row)
    return None


def forget_ended(ctx: Context) -> int:
    """Delete initial access tokens that allow nothing any more."""
    with writing(ctx.db):
        return store.forget_ended(ctx.db, ctx.now())


def _requires_pkce(ctx: Context) -> bool:
    # The official suite sends no challenge; everybody else's newcomer does (RFC 9700 §2.1.1).
    return not ctx.settings.is_conformance


def _of_change(ctx: Context, row: ClientRow, said: Mapping[str, Any]) -> ProtocolError | None:
    sent = [name for name in _NOT_TO_BE_SENT if name in said]
    if sent:
        return ProtocolError("invalid_client_metadata", f"{sent[0]} must not be sent.")
    if said.get("client_id") != row.client_id:
        return ProtocolError("invalid_client_metadata", "client_id must be the client's own.")
    secret = said.get("client_secret")
    if secret is not None and not clients.is_secret(ctx, row, secret):
        return ProtocolError("invalid_client_metadata", "client_secret is not the present one.")
    return None


def _described(ctx: Context, row: ClientRow) -> Described:
    return {
        **metadata_of(row),
        "client_id_issued_at": int(row.created_at.timestamp()),
        "registration_client_uri": f"{ctx.settings.issuer}{PATH}/{row.client_id}",
    }


def _secret(secret: str | None) -> Described:
    # RFC 7591 §3.2.1: required beside a secret; 0 is "does not expire".
    return {} if secret is None else {"client_secret": secret, "client_secret_expires_at": 0}
