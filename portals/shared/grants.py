"""What the provider granted a session: tokens and assurance, sealed under the browser's cookie."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from portals.shared.clock import Clock
from portals.shared.database import Database
from portals.shared.id_tokens import Identity
from portals.shared.provider import Provider, Tokens
from portals.shared.refusals import GrantEnded, ProviderUnreachable, SignInRefused
from portals.shared.secrets_kept import SealBroken, seal, secret_hash, unseal
from portals.shared.sessions import Session, find

_EARLY_SECONDS = 15
_LEASE_SECONDS = 15
_WAIT_SECONDS = 6
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class Grant:
    """Tokens of a session, and how the person signed in."""

    tokens: Tokens
    identity: Identity


def seal_grant(cookie: str, grant: Grant) -> str:
    """Return the grant as sealed text, readable with this cookie alone."""
    text = json.dumps({"tokens": asdict(grant.tokens), "identity": asdict(grant.identity)})
    return seal(cookie, text.encode(), bound_to=secret_hash(cookie))


def open_grant(cookie: str, session: Session) -> Grant:
    """Return what the session was granted; raises GrantEnded when it cannot be read."""
    try:
        opened = json.loads(unseal(cookie, session.granted or "", bound_to=session.key))
    except SealBroken as error:
        raise GrantEnded from error
    identity: Mapping[str, Any] = opened["identity"]
    return Grant(
        Tokens(**opened["tokens"]), Identity(**{**identity, "amr": tuple(identity["amr"])})
    )


def current_claims(
    database: Database, provider: Provider, clock: Clock, cookie: str, session: Session
) -> tuple[Grant, dict[str, Any]]:
    """Return the grant and what the provider says of the person at this moment.

    Asked for each page, so that a right that was withdrawn is gone with the next request.
    Raises GrantEnded when the session is over there, ProviderUnreachable when nothing is known.
    """
    grant = open_grant(cookie, session)
    if grant.tokens.access_expires_at - _EARLY_SECONDS <= clock.now():
        grant = _renewed(database, provider, clock, cookie, session)
    claims = provider.claims(grant.tokens.access_token)
    if claims["sub"] != grant.identity.sub:  # OpenID Connect Core 1.0 section 5.3.2
        raise GrantEnded
    return grant, claims


def _renewed(
    database: Database, provider: Provider, clock: Clock, cookie: str, session: Session
) -> Grant:
    """Renew the tokens once, however many tabs ask: a refresh token used twice ends the family."""
    now = clock.now()
    with database.writing() as rows:
        lease = rows.execute(
            "UPDATE sessions SET refreshing_until = ? WHERE key = ? AND access_expires_at = ?"
            " AND refreshing_until <= ?",
            (now + _LEASE_SECONDS, session.key, session.access_expires_at, now),
        )
        is_ours = lease.rowcount == 1
    if not is_ours:
        return _awaited(database, clock, cookie, session)
    try:
        renewed = _renew(provider, open_grant(cookie, session))
    except ProviderUnreachable:
        _keep(database, session.key, session.granted, session.access_expires_at)
        raise
    _keep(database, session.key, seal_grant(cookie, renewed), renewed.tokens.access_expires_at)
    return renewed


def _renew(provider: Provider, grant: Grant) -> Grant:
    """Trade the refresh token; the ID token that comes with it must name the same sign-in.

    OpenID Connect Core 1.0 section 12.2: same issuer, subject, audience and auth_time.
    """
    tokens = provider.refresh(grant.tokens)
    if tokens.id_token == grant.tokens.id_token:
        return Grant(tokens, grant.identity)
    try:
        identity = provider.identity(tokens, nonce=None)
    except SignInRefused as error:
        raise GrantEnded from error
    before = grant.identity
    if (identity.sub, identity.sid) != (before.sub, before.sid):
        raise GrantEnded
    return Grant(tokens, identity)


def _awaited(database: Database, clock: Clock, cookie: str, session: Session) -> Grant:
    """Wait for the request that renews the tokens, as long as a call may take."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
        newest = find(database, cookie, clock.now())
        if newest is None or not newest.is_signed_in:
            raise GrantEnded
        if newest.access_expires_at != session.access_expires_at:
            return open_grant(cookie, newest)
    raise ProviderUnreachable("renewal took too long")


def _keep(database: Database, key: str, sealed: str | None, access_expires_at: int) -> None:
    with database.writing() as rows:
        rows.execute(
            "UPDATE sessions SET granted = ?, access_expires_at = ?, refreshing_until = 0"
            " WHERE key = ? AND sub IS NOT NULL",
            (sealed, access_expires_at, key),
        )
