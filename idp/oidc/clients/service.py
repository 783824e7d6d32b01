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
from idp.oidc.clients.model import ClientRow
from idp.oidc.clients.registration import Registration

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
        secret = new_secret() if registration.has_secret else None
        _insert(ctx, registration, secret)
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
    for alg in {registration.id_token_signed_response_alg for registration in wanted}:
        ctx.signing_keys.active(alg)  # made and published before a relying party meets it
    return synced


def disable(ctx: Context, client_id: str) -> Refused | None:
    """Disable a client at once: no page, no token, nothing of what it holds works from now on."""
    with writing(ctx.db):
        row = store.get(ctx.db, client_id)
        if row is None:
            return Refused("client_unknown", "client_id")
        if row.disabled_at is None:
            row.disabled_at = ctx.now()
            _touch(ctx, row)
            record(ctx, Event.CLIENT_DISABLED, client_id=client_id)
    return None


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
        secret = (given or new_secret()) if registration.has_secret else None
        _insert(ctx, registration, secret)
        synced.added.append(registration.client_id)
        if secret and not given:
            synced.secrets[registration.client_id] = secret
    elif _change(ctx, row, registration, given):
        synced.changed.append(row.client_id)
    else:
        synced.unchanged.append(row.client_id)


def _insert(ctx: Context, registration: Registration, secret: str | None) -> None:
    moment = ctx.now()
    row = ClientRow(
        client_id=registration.client_id,
        version=1,
        created_at=moment,
        updated_at=moment,
        secret_hash=ctx.digests.keyed(SECRET_PURPOSE, secret) if secret else None,
        **_columns(registration),
    )
    ctx.db.add(row)
    details = {
        "auth_method": registration.token_endpoint_auth_method,
        "scope": registration.scope,
    }
    record(ctx, Event.CLIENT_ADDED, client_id=registration.client_id, changes=details)


def _change(ctx: Context, row: ClientRow, registration: Registration, given: str | None) -> bool:
    wanted = _columns(registration) | _secret_column(ctx, row, registration, given)
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


def _columns(registration: Registration) -> dict[str, Any]:
    return {
        "names": registration.names,
        "client_uri": registration.client_uri,
        "auth_method": registration.token_endpoint_auth_method,
        "grant_types": list(registration.grant_types),
        "redirect_uris": list(registration.redirect_uris),
        "post_logout_redirect_uris": list(registration.post_logout_redirect_uris),
        "backchannel_logout_uri": registration.backchannel_logout_uri,
        "frontchannel_logout_uri": registration.frontchannel_logout_uri,
        "frontchannel_logout_session_required": registration.frontchannel_logout_session_required,
        "initiate_login_uri": registration.initiate_login_uri,
        "scope": registration.scope,
        "signing_alg": registration.id_token_signed_response_alg,
        "default_acr_values": list(registration.default_acr_values),
        "auth_signing_alg": registration.token_endpoint_auth_signing_alg,
        "userinfo_signing_alg": registration.userinfo_signed_response_alg,
        "resources": list(registration.resources),
        "serves": list(registration.serves),
        "require_pkce": registration.require_pkce,
        "first_party": registration.first_party,
        "reports_activity": registration.reports_activity,
        "application_type": registration.application_type,
        "subject_type": registration.subject_type,
        "jwks": registration.jwks,
        "request_object_signing_alg": registration.request_object_signing_alg,
        "require_pushed": registration.require_pushed_authorization_requests,
        "authorization_details_types": list(registration.authorization_details_types),
    }


def _plain(row: ClientRow) -> dict[str, Any]:
    secret_free = {column.key for column in row.__table__.columns} - _SECRET_COLUMNS
    values = {name: getattr(row, name) for name in sorted(secret_free)}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }
