"""Clients as this process last read them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from idp.foundation.context import Context
from idp.oidc.clients import rules, store
from idp.oidc.clients.client import Client
from idp.oidc.connections import reading

_MOST = 1000


@dataclass(frozen=True, slots=True)
class _Read:
    client: Client
    at: datetime


class ClientDirectory:
    """Finds enabled clients; what was read is believed for policies.tokens.client_cache_seconds.

    Nothing is allowed by a remembered registration alone: the statements that redeem a code, use a
    refresh token or answer userinfo compare its version, or its being enabled, with the row.
    """

    def __init__(self) -> None:
        self._read: dict[str, _Read] = {}
        self._origins: tuple[frozenset[str], datetime] | None = None

    def find(self, ctx: Context, client_id: str | None) -> Client | None:
        """Return an enabled client, or None; a text that can be no client_id is never looked up."""
        if not client_id or not rules.is_client_id(client_id):
            return None
        known = self._read.get(client_id)
        lasting = timedelta(seconds=ctx.policies.tokens.client_cache_seconds)
        if known and abs(ctx.now() - known.at) < lasting:
            return known.client
        return self._look_up(ctx, client_id)

    def origins(self, ctx: Context) -> frozenset[str]:
        """Return the origins of all enabled clients, as old as a remembered client may be."""
        lasting = timedelta(seconds=ctx.policies.tokens.client_cache_seconds)
        if self._origins is None or abs(ctx.now() - self._origins[1]) >= lasting:
            with reading(ctx) as connection:
                self._origins = store.origins(connection), ctx.now()
        return self._origins[0]

    def forget(self, client_id: str) -> None:
        """Read a client again at its next use."""
        self._read.pop(client_id, None)

    def _look_up(self, ctx: Context, client_id: str) -> Client | None:
        with reading(ctx) as connection:
            client = store.enabled(connection, client_id)
        if client is None:
            self.forget(client_id)
            return None
        if ctx.settings.is_conformance:
            client = replace(client, requires_nonce=False)
        if len(self._read) >= _MOST:
            self._read.clear()
        self._read[client_id] = _Read(client, ctx.now())
        return client
