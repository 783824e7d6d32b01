"""grant_type=authorization_code. RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9700 §2.1.1 and §4.5.

The code is consumed first, in one statement, whoever presents it and however wrong the rest is:
fifty redemptions at once have one winner, and a wrong verifier burns the code (case TK-05).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Any

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.ids import secret_hash
from idp.oidc.clients.client import Client
from idp.oidc.connections import committing, reading
from idp.oidc.grants import store
from idp.oidc.grants.standing import Standing
from idp.oidc.grants.store import Record
from idp.oidc.token import issuing
from idp.oidc.token.grant import Grant, StaleRegistration, refusal
from idp.oidc.token.request import ProgramRequest

# RFC 7636 §4.1: code-verifier = 43*128unreserved.
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
# One text for unknown, expired, used and foreign codes (case TK-26).
_NOT_VALID = "The authorization code is not valid."


class AuthorizationCode(Grant):
    """Exchanges a code for tokens."""

    GRANT_TYPE = "authorization_code"  # type: ignore[assignment]  # Authlib's default is None
    ARTEFACT = "code"

    def exchange(self, client: Client) -> dict[str, Any]:
        """Consume the code, check what it is bound to, and store the tokens."""
        ctx, pair = self.program.ctx, issuing.Pair.first(client)
        grant, issue = redeem(
            self.program, client, pair, secret_hash(self.program.get("code") or ""), _problem
        )
        return issuing.answer(ctx, client, grant, pair, issue, nonce=grant.nonce)


def redeem(
    program: ProgramRequest,
    client: Client,
    pair: issuing.Pair,
    code_hash: str,
    problem_of: Callable[[ProgramRequest, Client, Record], str | None],
) -> tuple[Record, issuing.Issue]:
    """Consume what the hash stands for, and store the tokens of its grant.

    problem_of: returns the key of what is wrong with the redemption. OAuth2Error when there is
    nothing to redeem or something is wrong; StaleRegistration as `Grant.exchange` says.
    """
    ctx = program.ctx
    with committing(ctx) as connection:
        grant = store.redeem(
            connection,
            code_hash,
            client_id=client.client_id,
            version=client.version,
            now=ctx.now(),
        )
        problem = problem_of(program, client, grant) if grant else None
        if grant and not problem:
            for_whom = issuing.target(ctx, client, grant, program.get("resource"))
            issue = issuing.Issue(grant.scope, grant.scope, for_whom, ctx.now())
            store.add_tokens(connection, issuing.rows(ctx, grant, pair, issue))
            return grant, issue
    if grant and problem:
        _record_refusal(ctx, client, grant, problem)
    else:
        _look_closer(ctx, client, code_hash)
    raise refusal("invalid_grant", _NOT_VALID)


def _look_closer(ctx: Context, client: Client, code_hash: str) -> None:
    """Find out why no code was consumed; kill what it gave when it was redeemed before.

    StaleRegistration when it still waits, so that only the client's version did not fit.
    """
    with reading(ctx) as connection:
        found = store.by_code(connection, code_hash)
    if found and found.redeemed_at is None:
        raise StaleRegistration
    if found:
        _revoke(ctx, client, found.id)


def _problem(program: ProgramRequest, client: Client, grant: Record) -> str | None:
    """Return the key of what is wrong with a redemption, for the audit trail alone."""
    now, standing = program.ctx.now(), Standing.of(grant)
    found = (
        ("other_client", grant.client_id != client.client_id),
        ("other_redirect_uri", grant.redirect_uri != program.get("redirect_uri")),
        ("expired", now >= grant.code_expires_at),
        ("wrong_verifier", not verifier_fits(program.get("code_verifier"), grant.code_challenge)),
        ("revoked", grant.revoked_at is not None),
        ("session_over", not standing.has_session(program.ctx)),
        ("not_granted", not standing.holds(program.ctx)),
    )
    return next((key for key, is_so in found if is_so), None)


def verifier_fits(verifier: str | None, challenge: str | None) -> bool:
    """Tell whether the verifier belongs to the challenge (RFC 7636 §4.6).

    Without a challenge in the authorization request a verifier is refused as well: somebody
    may have stripped the challenge (RFC 9700 §4.8.2, case TK-06).
    """
    if challenge is None or verifier is None:
        return challenge is None and verifier is None
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    expected = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return hmac.compare_digest(expected, challenge)


def _record_refusal(ctx: Context, client: Client, grant: Record, problem: str) -> None:
    with writing(ctx.db):
        record(
            ctx,
            Event.OIDC_CODE_REFUSED,
            outcome="denied",
            subject_id=grant.account_id,
            client_id=client.client_id,
            reason=problem,
        )


def _revoke(ctx: Context, client: Client, grant_id: str) -> None:
    """Kill what the first redemption issued: a code seen twice was stolen once (§4.1.2)."""
    with writing(ctx.db):
        revoked = store.revoke(ctx.db, grant_id, "code_reused", ctx.now())
        if revoked is not None:
            record(
                ctx,
                Event.OIDC_CODE_REUSED,
                outcome="denied",
                client_id=client.client_id,
                changes={"tokens_revoked": revoked},
            )
