"""What a device asks for, and the codes it gets. RFC 8628 §3.1 and §3.2."""

from datetime import timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from idp.foundation.context import Context
from idp.foundation.ids import new_id, new_secret, secret_hash
from idp.oidc import scopes
from idp.oidc.authorization.scope import may_have
from idp.oidc.clients.client import Client
from idp.oidc.connections import committing
from idp.oidc.device import codes, store
from idp.oidc.errors import ProtocolError
from idp.oidc.token.request import ProgramRequest

PAGE = "/oidc/device"
USER_CODE_PURPOSE = "oidc.user_code"


def ask(program: ProgramRequest, client: Client) -> dict[str, Any] | ProtocolError:
    """Keep a device's request and return its codes, or what is wrong with it."""
    wanted = scopes.split(program.get("scope") or scopes.OPENID)
    granted = tuple(one for one in wanted if may_have(client, one))
    if scopes.OPENID not in granted:
        return ProtocolError("invalid_scope", "scope must contain openid.")
    resource = program.get("resource")
    if resource is not None and resource not in client.resources:
        return ProtocolError("invalid_target", "The client may not ask for this resource.")
    asked = {"scope": scopes.join(granted), "resource": resource}
    return _kept(program.ctx, client, asked)


def _kept(ctx: Context, client: Client, asked: dict[str, Any]) -> dict[str, Any]:
    device_code, policy = new_secret(), ctx.policies.tokens
    row = {
        **asked,
        "id": new_id(),
        "client_id": client.client_id,
        "device_code_hash": secret_hash(device_code),
        "asked_from": ctx.origin.ip,
        "state": "waiting",
        "interval_seconds": policy.device_interval_seconds,
        "next_poll_at": ctx.now(),
        "created_at": ctx.now(),
        "expires_at": ctx.now() + timedelta(seconds=policy.device_seconds),
    }
    user_code = codes.shown(_store_with_user_code(ctx, row))
    page = f"{ctx.settings.issuer}{PAGE}"
    return {
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={user_code}",
        "expires_in": policy.device_seconds,
        "interval": policy.device_interval_seconds,
    }


def _store_with_user_code(ctx: Context, row: dict[str, Any]) -> str:
    """Store the row with a user code that no other has; another is drawn where one is taken."""
    while True:
        user_code = codes.new_user_code()
        hashed = ctx.digests.keyed(USER_CODE_PURPOSE, user_code)
        try:
            with committing(ctx) as connection:
                store.add(connection, row | {"user_code_hash": hashed})
        except IntegrityError:
            continue
        return user_code
