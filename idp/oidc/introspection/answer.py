"""What introspection says. RFC 7662 §2.2.

A client hears of its own tokens, a resource of the tokens that are for it; of everything else each
hears exactly that it is not active, whether it exists or not (case UI-03).
"""

from typing import Any

from idp.foundation.context import Context
from idp.foundation.ids import secret_hash
from idp.oidc.clients.client import Client
from idp.oidc.connections import reading
from idp.oidc.grants import presented
from idp.oidc.grants.store import Record
from idp.oidc.token.access_token import handle_of

INACTIVE = {"active": False}


class StaleCaller(Exception):
    """The client that asks is registered otherwise by now than when it proved itself."""


def said_of(ctx: Context, client: Client, token: str) -> dict[str, Any]:
    """Return the JSON for a token; StaleCaller when the client must prove itself again."""
    handle, is_jwt = handle_of(ctx, token)
    with reading(ctx) as connection:
        found = presented.find(connection, secret_hash(handle), client.client_id)
    if found is None:
        return dict(INACTIVE)
    if found.caller_version != client.version:
        raise StaleCaller
    is_whole = is_jwt == (found.resource is not None)
    if is_whole and _may_know(client, found) and presented.is_active(ctx, found):
        return _described(ctx, found, handle if is_jwt else None)
    return dict(INACTIVE)


def _may_know(client: Client, found: Record) -> bool:
    return found.client_id == client.client_id or found.resource in client.serves


def _described(ctx: Context, found: Record, jti: str | None) -> dict[str, Any]:
    said = {
        "active": True,
        "iss": ctx.settings.issuer,
        "aud": found.resource or ctx.settings.issuer,
        "client_id": found.client_id,
        "sub": found.client_id if found.kind == presented.OWN else found.sub,
        "scope": found.scope,
        "iat": int(found.issued_at.timestamp()),
        "exp": int(found.expires_at.timestamp()),
    }
    if found.kind != "refresh":
        said["token_type"] = "Bearer"
    if jti is not None:
        said["jti"] = jti
    if found.kind != presented.OWN:
        # RFC 9470 §6.2: a resource that wants a stronger sign-in must be able to see this one.
        said |= {"auth_time": int(found.auth_time.timestamp()), "acr": found.acr}
        said["amr"] = list(found.amr)
    if found.authorization_details:
        said["authorization_details"] = found.authorization_details  # RFC 9396 §9.2
    return said
