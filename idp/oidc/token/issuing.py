"""Tokens of a grant: their rows and the answer that carries them. RFC 6749 §5.1."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from idp.foundation.context import Context
from idp.foundation.ids import new_id, new_secret, secret_hash
from idp.oidc import claims, scopes
from idp.oidc.clients.client import Client
from idp.oidc.grants.store import Record
from idp.oidc.token import id_token
from idp.people.rights.service import access_of

_SUCCESSOR_PURPOSES = {"access": "oidc.next_access_token", "refresh": "oidc.next_refresh_token"}


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token and, for clients registered for the grant, a refresh token."""

    access: str
    refresh: str | None

    @classmethod
    def first(cls, client: Client) -> "Pair":
        """Make the first tokens of a grant: 256 random bits each."""
        has_refresh = "refresh_token" in client.grant_types
        return cls(new_secret(), new_secret() if has_refresh else None)

    @classmethod
    def after(cls, ctx: Context, refresh_token: str) -> "Pair":
        """Derive the successors of a refresh token by a keyed hash of it.

        So a repeated answer can hold the same tokens although only their hashes are stored.
        """
        made = {
            kind: ctx.digests.keyed(purpose, refresh_token)
            for kind, purpose in _SUCCESSOR_PURPOSES.items()
        }
        return cls(made["access"], made["refresh"])


@dataclass(frozen=True, slots=True)
class Scopes:
    """Of the access token, and of the refresh token beside it (RFC 6749 §6: it never narrows)."""

    access: str
    refresh: str


def rows(
    ctx: Context, grant: Record, pair: Pair, wanted: Scopes, predecessor_id: str | None = None
) -> list[dict[str, Any]]:
    """Return the rows to store for a pair: hashes, scopes and ends."""
    policy = ctx.policies.tokens
    access_end = ctx.now() + timedelta(seconds=policy.access_token_seconds)
    made = [_row(ctx, grant.id, "access", pair.access, wanted.access, access_end)]
    if pair.refresh is not None:
        lasting = ctx.now() + timedelta(seconds=policy.refresh_token_seconds)
        refresh_end = min(lasting, grant.overall_ends_at)
        made.append(_row(ctx, grant.id, "refresh", pair.refresh, wanted.refresh, refresh_end))
    return [row | {"predecessor_id": predecessor_id} for row in made]


def answer(
    ctx: Context, client: Client, grant: Record, pair: Pair, scope: str, *, nonce: str | None
) -> dict[str, Any]:
    """Return the JSON of the token answer, with an ID token (OpenID Connect Core §3.1.3.3)."""
    facts = id_token.Facts(
        sub=grant.sub,
        client_id=grant.client_id,
        auth_time=grant.auth_time,
        amr=tuple(grant.amr),
        acr=grant.acr,
        sid=grant.sid,
        nonce=nonce,
    )
    extra = _extra_claims(ctx, grant, scopes.split(scope))
    token = id_token.issue(
        ctx, facts, alg=client.signing_alg, access_token=pair.access, extra=extra
    )
    return {
        "access_token": pair.access,
        "token_type": "Bearer",
        "expires_in": ctx.policies.tokens.access_token_seconds,
        **({"refresh_token": pair.refresh} if pair.refresh else {}),
        "id_token": token,
        "scope": scope,
    }


def _extra_claims(ctx: Context, grant: Record, granted: tuple[str, ...]) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if "ncid" in granted:
        extra["ncid"] = claims.ncid(grant.username, grant.account_type)
    if "access" in granted:
        extra["access"] = access_of(ctx, grant.account_id)
    return extra


def _row(
    ctx: Context, grant_id: str, kind: str, token: str, scope: str, end: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "grant_id": grant_id,
        "kind": kind,
        "token_hash": secret_hash(token),
        "scope": scope,
        "issued_at": ctx.now(),
        "expires_at": end,
    }
