"""grant_type=refresh_token. RFC 6749 §6, with the rotation of RFC 9700 §4.14.2.

Every use makes a successor; a token used twice was stolen, so its whole family dies. An answer lost
on its way may be asked for again for some seconds: it holds the same successors, which are
derived from the token by a keyed hash, and only while they are unused.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.ids import secret_hash
from idp.oidc import scopes
from idp.oidc.clients.client import Client
from idp.oidc.connections import committing, reading
from idp.oidc.grants import store
from idp.oidc.grants.standing import Standing
from idp.oidc.grants.store import Record
from idp.oidc.token import issuing
from idp.oidc.token.grant import Grant, StaleRegistration, refusal
from idp.oidc.token.request import ProgramRequest

_NOT_VALID = "The refresh token is not valid."


class RefreshToken(Grant):
    """Exchanges a refresh token for its successor and an access token."""

    GRANT_TYPE = "refresh_token"  # type: ignore[assignment]  # Authlib's default is None
    ARTEFACT = "refresh_token"

    def exchange(self, client: Client) -> dict[str, Any]:
        """Find the token, check whose it is and what it may do, and rotate it."""
        ctx = self.program.ctx
        grant = _usable(self.program, client)
        issue = _asked(self.program, client, grant)
        pair = issuing.Pair.after(ctx, self.program.get("refresh_token") or "")
        if grant.successor_id or not _rotate(ctx, grant, pair, issue):
            issue = _repeated(self.program, client, pair)
        # Core §12.2: a refreshed ID token should have no nonce.
        return issuing.answer(ctx, client, grant, pair, issue, nonce=None)


def _usable(program: ProgramRequest, client: Client) -> Record:
    """Return the token's row; OAuth2Error unless it is alive and this client's.

    Another client's attempt changes nothing: the owner's token still works (case TK-11).
    StaleRegistration when the client must prove itself again.
    """
    found = _read(program)
    if found is None or found.client_id != client.client_id:
        raise refusal("invalid_grant", _NOT_VALID)
    is_over = program.ctx.now() >= found.expires_at or found.revoked_at is not None
    if is_over or not Standing.of(found).holds(program.ctx):
        raise refusal("invalid_grant", _NOT_VALID)
    if found.client_version != client.version:
        raise StaleRegistration
    return found


def _read(program: ProgramRequest) -> Record | None:
    with reading(program.ctx) as connection:
        return store.for_refresh(connection, secret_hash(program.get("refresh_token") or ""))


def _asked(program: ProgramRequest, client: Client, grant: Record) -> issuing.Issue:
    """Return what is to be issued: of the grant's scope all, or less where less is asked (§6)."""
    ctx = program.ctx
    asked = scopes.split(program.get("scope") or grant.token_scope)
    if not set(asked) <= set(scopes.split(grant.token_scope)):
        raise refusal("invalid_scope", "The scope exceeds what was granted.")
    for_whom = issuing.target(ctx, client, grant, program.get("resource"))
    return issuing.Issue(scopes.join(asked), grant.token_scope, for_whom, ctx.now())


def _rotate(ctx: Context, grant: Record, pair: issuing.Pair, issue: issuing.Issue) -> bool:
    """Store the successors; False when another request with the same token was first."""
    made = issuing.rows(ctx, grant, pair, issue, predecessor_id=grant.token_id)
    try:
        with committing(ctx) as connection:
            store.add_tokens(connection, made)
    except IntegrityError:
        return False
    return True


def _repeated(program: ProgramRequest, client: Client, pair: issuing.Pair) -> issuing.Issue:
    """Return what the first answer issued if it may be repeated; otherwise kill the family."""
    ctx, found = program.ctx, _usable(program, client)
    lasting = timedelta(seconds=ctx.policies.tokens.refresh_repeat_seconds)
    is_recent = bool(found.successor_id) and ctx.now() < found.successor_issued_at + lasting
    is_same = found.successor_hash == secret_hash(pair.refresh or "")
    if is_recent and is_same and not _is_used(ctx, found.successor_id):
        return issuing.Issue(
            found.successor_scope,
            found.token_scope,
            found.successor_resource,
            found.successor_issued_at,
        )
    _revoke(ctx, client, found)
    raise refusal("invalid_grant", _NOT_VALID)


def _is_used(ctx: Context, token_id: str) -> bool:
    with reading(ctx) as connection:
        return store.has_successor(connection, token_id)


def _revoke(ctx: Context, client: Client, found: Record) -> None:
    with writing(ctx.db):
        revoked = store.revoke(ctx.db, found.id, "refresh_reused", ctx.now())
        if revoked is not None:
            record(
                ctx,
                Event.OIDC_REFRESH_REUSED,
                outcome="denied",
                subject_id=found.account_id,
                client_id=client.client_id,
                changes={"family": found.id, "tokens_revoked": revoked},
            )
