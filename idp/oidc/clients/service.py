"""Registration of clients: add, list, disable, and keep config/clients.toml in force."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.ids import new_secret
from idp.foundation.results import Refused
from idp.oidc.clients import rules, store
from idp.oidc.clients.columns import columns_of
from idp.oidc.clients.model import ClientRow
from idp.oidc.clients.registration import Registration

__all__ = [
    "SECRET_PURPOSE", "Added", "ClientRow", "Synced", "add", "change", "disable", "end", "insert",
    "is_secret", "listed", "places", "replace_secret", "row_of", "sync",
]  # fmt: skip
SECRET_PURPOSE = "oidc.client_secret"
_SHORTEST_SECRET = 32
_SECRET_COLUMNS = {"secret_hash", "registration_token_hash"}


@dataclass(frozen=True, slots=True)
class Added:
    """A client was registered; its secret is here and nowhere else (None for a public client)."""

    client_id: str
    secret: str | None


@dataclass(slots=True)
class Synced:
    """What a sync did: client ids, and the secrets it made, to be handed on once."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)


def add(ctx: Context, registration: Registration) -> Added | list[Refused]:
    """Register a client in one transaction and return its new secret, or what is wrong with it."""
    found = rules.problems(registration, places(ctx))
    with writing(ctx.db):
        if store.get(ctx.db, registration.client_id):
            found = [*found, Refused("client_id_taken", "client_id")]
        if found:
            return found
        secret = insert(ctx, registration)
    return Added(registration.client_id, secret)


def sync(
    ctx: Context, registrations: Iterable[Registration], secrets: Mapping[str, str]
) -> Synced | list[Refused]:
    """Bring the stored clients to what the file says, in one transaction, or refuse all of it.

    secrets: the secret of a client by its id, for those that are given one from outside; a new
    client without one gets a secret made here. Clients that the file does not name stay.
    """
    wanted = list(registrations)
    found = [problem for one in wanted for problem in rules.problems(one, places(ctx))]
    found += _secret_problems(secrets)
    if found:
        return found
    synced = Synced()
    with writing(ctx.db):
        for registration in wanted:
            _sync_one(ctx, registration, secrets.get(registration.client_id), synced)
    return synced


def disable(ctx: Context, client_id: str) -> Refused | None:
    """Disable a client at once: no page, no token, nothing of what it holds works from now on."""
    with writing(ctx.db):
        row = store.get(ctx.db, client_id)
        if row is None:
            return Refused("client_unknown", "client_id")
        if row.disabled_at is None:
            end(ctx, row)
    return None


def end(ctx: Context, row: ClientRow) -> None:
    """Disable a client inside `writing`."""
    row.disabled_at = ctx.now()
    _touch(ctx, row)
    record(ctx, Event.CLIENT_DISABLED, client_id=row.client_id)


def replace_secret(ctx: Context, client_id: str) -> str | Refused:
    """Give a client another secret and return it; the former one is worth nothing at once."""
    with writing(ctx.db):
        row = store.get(ctx.db, client_id)
        if row is None:
            return Refused("client_unknown", "client_id")
        if row.secret_hash is None:
            return Refused("client_without_secret", "client_id")
        secret = new_secret()
        row.secret_hash = ctx.digests.keyed(SECRET_PURPOSE, secret)
        _touch(ctx, row)
        record(ctx, Event.CLIENT_SECRET_REPLACED, client_id=client_id)
    return secret


def is_secret(ctx: Context, row: ClientRow, typed: object) -> bool:
    """Tell whether a text is the client's present secret."""
    expected = row.secret_hash or ""
    return isinstance(typed, str) and ctx.digests.matches(SECRET_PURPOSE, typed, expected)


def row_of(ctx: Context, client_id: str) -> ClientRow:
    """Return the row of a client that is known to exist."""
    row = store.get(ctx.db, client_id)
    if row is None:
        raise LookupError("the client was there a moment ago")
    return row


def listed(ctx: Context) -> list[dict[str, Any]]:
    """Return every client as plain values, without its secret's hash."""
    return [_plain(row) for row in store.every(ctx.db)]


def places(ctx: Context) -> rules.Places:
    """Return what this installation allows in a registration."""
    is_production = ctx.settings.environment == "production"
    return rules.Places(
        allows_http=not is_production, private_hosts=frozenset(ctx.settings.backchannel_hosts)
    )


def _sync_one(ctx: Context, registration: Registration, given: str | None, synced: Synced) -> None:
    row = store.get(ctx.db, registration.client_id)
    if row is None:
        secret = insert(ctx, registration, given)
        synced.added.append(registration.client_id)
        if secret and not given:
            synced.secrets[registration.client_id] = secret
    elif change(ctx, row, registration, given):
        synced.changed.append(row.client_id)
    else:
        synced.unchanged.append(row.client_id)


def insert(ctx: Context, registration: Registration, given: str | None = None) -> str | None:
    """Add a sound registration inside `writing`; return its secret, a new one unless given.

    None for a client without one.
    """
    secret = (given or new_secret()) if registration.has_secret else None
    moment = ctx.now()
    row = ClientRow(
        version=1,
        created_at=moment,
        updated_at=moment,
        secret_hash=ctx.digests.keyed(SECRET_PURPOSE, secret) if secret else None,
        **columns_of(registration),
    )
    ctx.db.add(row)
    details = {
        "auth_method": registration.token_endpoint_auth_method,
        "scope": registration.scope,
    }
    record(ctx, Event.CLIENT_ADDED, client_id=registration.client_id, changes=details)
    return secret


def change(
    ctx: Context, row: ClientRow, registration: Registration, given: str | None = None
) -> bool:
    """Bring a client to a sound registration inside `writing`; tell whether anything changed.

    given: a new secret, or None to keep the present one.
    """
    wanted = columns_of(registration) | _secret_column(ctx, row, registration, given)
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    if not changed:
        return False
    for name in changed:
        setattr(row, name, wanted[name])
    _touch(ctx, row)
    fields = {"fields": sorted(changed)}
    record(ctx, Event.CLIENT_CHANGED, client_id=row.client_id, changes=fields)
    return True


def _secret_column(
    ctx: Context, row: ClientRow, registration: Registration, given: str | None
) -> dict[str, str | None]:
    if not registration.has_secret:
        return {"secret_hash": None}
    if given:
        return {"secret_hash": ctx.digests.keyed(SECRET_PURPOSE, given)}
    return {"secret_hash": row.secret_hash or ctx.digests.keyed(SECRET_PURPOSE, new_secret())}


def _secret_problems(secrets: Mapping[str, str]) -> list[Refused]:
    return [
        Refused("client_secret_short", "secret", {"client_id": client_id})
        for client_id, secret in secrets.items()
        if len(secret) < _SHORTEST_SECRET
    ]


def _touch(ctx: Context, row: ClientRow) -> None:
    row.version += 1
    row.updated_at = ctx.now()


def _plain(row: ClientRow) -> dict[str, Any]:
    secret_free = {column.key for column in row.__table__.columns} - _SECRET_COLUMNS
    values = {name: getattr(row, name) for name in sorted(secret_free)}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }
