"""private_key_jwt: a client proves itself with a JWT that it signed. RFC 7523 §3, Core §9.

As draft-ietf-oauth-rfc7523bis demands, the audience is this provider's issuer and nothing else: an
assertion that names an endpoint could have been asked for by somebody else's server.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from idp.foundation.context import Context
from idp.oidc import jwts
from idp.oidc.clients import client_keys
from idp.oidc.clients.client import Client
from idp.oidc.clients.registration import SigningAlgorithm
from idp.oidc.replays import service as replays

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS: tuple[str, ...] = get_args(SigningAlgorithm)
_TYPES = (None, "JWT", "client-authentication+jwt")
_LONGEST_JTI = 256


@dataclass(frozen=True, slots=True)
class _Window:
    """When an assertion may have been made and may end, in seconds since 1970."""

    now: float
    longest: int
    skew: int

    def holds(self, claims: Mapping[str, Any]) -> bool:
        """§3 items 4 to 6: it ends, and soon; it was not made or valid first in the future."""
        began = [claims[name] for name in ("iat", "nbf") if name in claims]
        if not all(_is_number(one) for one in (claims.get("exp"), *began)):
            return False
        latest = self.now + self.skew
        is_current = self.now < claims["exp"] <= latest + self.longest
        return is_current and all(
            self.now - self.longest - self.skew <= one <= latest for one in began
        )


def client_id_of(assertion: str) -> str | None:
    """Return who the assertion says made it (§3 items 1 and 2); nothing is proven by that."""
    claims = jwts.unverified_claims(assertion)
    subject = claims.get("sub")
    return subject if isinstance(subject, str) and claims.get("iss") == subject else None


def proves(ctx: Context, assertion: str, client: Client | None) -> bool:
    """Tell whether the assertion proves the client, and use it up.

    A client that is unknown, or proves itself otherwise, costs the same work (case TK-26).
    """
    uses_keys = client is not None and client.auth_method == "private_key_jwt"
    registered = client.jwks if client is not None and uses_keys else None
    keys = client_keys.parse(registered) if registered else ctx.signing_keys.public_keyset()
    wanted = client.auth_signing_alg if client else None
    found = jwts.verified(assertion, keys.keys, (wanted,) if wanted else ALGORITHMS)
    if client is None or registered is None or found is None:
        return False
    return _is_meant(ctx, client, found) and _is_new(ctx, client, found.claims)


def _is_meant(ctx: Context, client: Client, found: jwts.SignedJwt) -> bool:
    claims, policy = found.claims, ctx.policies.tokens
    window = _Window(
        ctx.now().timestamp(),
        policy.client_assertion_seconds,
        policy.client_assertion_skew_seconds,
    )
    is_ours = claims.get("iss") == claims.get("sub") == client.client_id
    is_to_us = claims.get("aud") in (ctx.settings.issuer, [ctx.settings.issuer])
    is_this_kind = found.header.get("typ") in _TYPES
    return is_ours and is_to_us and is_this_kind and window.holds(claims)


def _is_new(ctx: Context, client: Client, claims: Mapping[str, Any]) -> bool:
    """§3 item 7, "jti": used once until it ends, over all processes (case TK-18)."""
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        return False
    ends = datetime.fromtimestamp(claims["exp"], UTC)
    return replays.use_once(ctx, client.client_id, jti, ends)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
