"""Tokens of a grant: their rows and the answer that carries them. RFC 6749 §5.1."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from idp.foundation.context import Context
from idp.foundation.ids import new_id, new_secret, secret_hash
from idp.oidc import asked_claims, claims, scopes
from idp.oidc.clients.client import Client
from idp.oidc.connections import reading
from idp.oidc.grants import store
from idp.oidc.grants.store import Record
from idp.oidc.token import id_token
from idp.oidc.token.access_token import Access, as_jwt
from idp.oidc.token.grant import refusal
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
class Issue:
    """What is issued and when.

    access: the scope of the access token; refresh: that of the refresh token beside it, which
    never narrows (RFC 6749 §6). resource: whom the access token is for, None: this provider.
    """

    access: str
    refresh: str
    resource: str | None
    at: datetime

    def ends(self, ctx: Context) -> datetime:
        """Return when the access token ends."""
        return self.at + timedelta(seconds=ctx.policies.tokens.access_token_seconds)


def rows(
    ctx: Context, grant: Record, pair: Pair, issue: Issue, predecessor_id: str | None = None
) -> list[dict[str, Any]]:
    """Return the rows to store for a pair: hashes, scopes and ends."""
    shared = {
        "grant_id": grant.id,
        "predecessor_id": predecessor_id,
        "issued_at": issue.at,
        "resource": None,
    }
    access = {"scope": issue.access, "resource": issue.resource, "expires_at": issue.ends(ctx)}
    made = [shared | _row("access", pair.access) | access]
    if pair.refresh is not None:
        refresh = {"scope": issue.refresh, "expires_at": _refresh_end(ctx, grant)}
        made.append(shared | _row("refresh", pair.refresh) | refresh)
    return made


def answer(
    ctx: Context, client: Client, grant: Record, pair: Pair, issue: Issue, *, nonce: str | None
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
    extra = _extra_claims(ctx, grant, scopes.split(issue.access))
    sent = _as_sent(ctx, client, grant, pair.access, issue)
    token = id_token.issue(ctx, facts, alg=client.signing_alg, access_token=sent, extra=extra)
    return {
        "access_token": sent,
        "token_type": "Bearer",
        "expires_in": int((issue.ends(ctx) - ctx.now()).total_seconds()),
        **({"refresh_token": pair.refresh} if pair.refresh else {}),
        "id_token": token,
        "scope": issue.access,
        **_details(grant),
    }


def target(ctx: Context, client: Client, grant: Record, named: str | None) -> str | None:
    """Return whom an access token of the grant is for (RFC 8707 §2.2).

    named: `resource` of the token request: the one that was granted, or our issuer for a token
    that opens userinfo beside it; left out, the granted one. OAuth2Error for any other.
    """
    if named is None or named == grant.resource:
        allowed = grant.resource is None or grant.resource in client.resources
        if allowed:
            return str(grant.resource) if grant.resource else None
    elif named == ctx.settings.issuer:
        return None
    raise refusal("invalid_target", "The grant does not cover this resource.")


def _as_sent(ctx: Context, client: Client, grant: Record, handle: str, issue: Issue) -> str:
    if issue.resource is None:
        return handle
    access = Access(
        client_id=grant.client_id,
        sub=grant.sub,
        scope=issue.access,
        resource=issue.resource,
        issued_at=issue.at,
        expires_at=issue.ends(ctx),
        person={
            "auth_time": int(grant.auth_time.timestamp()),
            "acr": grant.acr,
            "amr": list(grant.amr),
            **_details(grant),
        },
    )
    return as_jwt(ctx, access, handle, client.signing_alg)


def _refresh_end(ctx: Context, grant: Record) -> datetime:
    """Return when a refresh token ends at the latest; an offline one has limits of its own."""
    policy, now = ctx.policies.tokens, ctx.now()
    if not grant.is_offline:
        end: datetime = grant.overall_ends_at
        return min(now + timedelta(seconds=policy.refresh_token_seconds), end)
    overall: datetime = grant.granted_at + timedelta(seconds=policy.offline_overall_seconds)
    return min(now + timedelta(seconds=policy.offline_refresh_seconds), overall)


def _details(grant: Record) -> dict[str, Any]:
    """RFC 9396 §7 and §9.1: what was granted in detail is said with the token."""
    granted = grant.authorization_details
    return {"authorization_details": granted} if granted else {}


def _extra_claims(ctx: Context, grant: Record, granted: tuple[str, ...]) -> dict[str, Any]:
    """Return claims of the person: by scope, and asked for one by one (Core §5.5)."""
    single = (grant.claims or {}).get("id_token", ())
    extra = _single_claims(ctx, grant, single) if single else {}
    if "ncid" in granted:
        extra["ncid"] = claims.ncid(grant.username, grant.account_type)
    if "access" in {*granted, *single}:
        extra["access"] = access_of(ctx, grant.account_id)
    return extra


def _single_claims(ctx: Context, grant: Record, names: Collection[str]) -> dict[str, Any]:
    with reading(ctx) as connection:
        person = store.person(connection, grant.account_id)
    return asked_claims.of(person, names)


def _row(kind: str, token: str) -> dict[str, Any]:
    return {"id": new_id(), "kind": kind, "token_hash": secret_hash(token)}
