"""Keeping pushed requests until the person's browser comes. RFC 9126 §2.2 and §4."""

from collections.abc import Mapping
from datetime import timedelta

from idp.foundation.context import Context
from idp.foundation.ids import new_secret, secret_hash
from idp.oidc.clients.client import Client
from idp.oidc.connections import committing
from idp.oidc.pushed import store

_PREFIX = "urn:ietf:params:oauth:request_uri:"


def keep(ctx: Context, client: Client, parameters: Mapping[str, str]) -> str:
    """Keep checked parameters and return their request_uri: 256 random bits, stored hashed."""
    secret = new_secret()
    lasting = timedelta(seconds=ctx.policies.tokens.pushed_request_seconds)
    with committing(ctx) as connection:
        store.add(
            connection, secret_hash(secret), client.client_id, parameters, ctx.now() + lasting
        )
    return f"{_PREFIX}{secret}"


def is_ours(request_uri: str) -> bool:
    """Tell whether this could be one of ours; anything else is never looked up, nor called."""
    return request_uri.startswith(_PREFIX)


def take(ctx: Context, client: Client, request_uri: str) -> dict[str, str] | None:
    """Use up a request_uri of this client; None when it is unknown, used, or too old.

    Another client's attempt changes nothing: the owner's still works.
    """
    secret = request_uri.removeprefix(_PREFIX)
    with committing(ctx) as connection:
        return store.take(connection, secret_hash(secret), client.client_id, ctx.now())


def forget_expired(ctx: Context) -> int:
    """Delete one batch of requests that nobody came for; the worker calls it again and again."""
    with committing(ctx) as connection:
        return store.forget_expired(connection, ctx.now(), ctx.policies.tokens.purge_batch)
