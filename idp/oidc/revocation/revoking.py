"""What giving a token back ends. RFC 7009 §2.1."""

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.ids import secret_hash
from idp.oidc.clients.client import Client
from idp.oidc.connections import reading
from idp.oidc.grants import presented, store
from idp.oidc.grants.store import Record
from idp.oidc.token.access_token import handle_of


def revoke(ctx: Context, client: Client, token: str) -> bool:
    """End a token of this client; False when it is another's.

    A refresh token ends its whole family and with it the access tokens; an access token ends
    alone. Whoever asks again, or for a token that is no more, is told that all is well.
    """
    handle, _ = handle_of(ctx, token)
    with reading(ctx) as connection:
        found = presented.find(connection, secret_hash(handle), client.client_id)
    if found is None:
        return True
    if found.client_id != client.client_id:
        return False
    if ctx.now() < found.expires_at and found.revoked_at is None:
        _end(ctx, client, found)
    return True


def _end(ctx: Context, client: Client, found: Record) -> None:
    with writing(ctx.db):
        if found.kind == "refresh":
            store.revoke(ctx.db, found.grant_id, "given_back", ctx.now())
        else:
            presented.end_access(ctx.db, found, ctx.now())
        record(
            ctx,
            Event.OIDC_TOKEN_REVOKED,
            subject_id=found.account_id,
            client_id=client.client_id,
            changes={"family": found.grant_id, "kind": found.kind},
        )
