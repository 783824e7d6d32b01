"""Userinfo as a signed JWT, for clients that registered so. OpenID Connect Core §5.3.2."""

from collections.abc import Mapping
from typing import Any

from joserfc import jwt

from idp.foundation.context import Context


def as_jwt(ctx: Context, claims: Mapping[str, Any], client_id: str, alg: str) -> str:
    """Return the claims with `iss` and `aud` (§5.3.2), signed with the active key."""
    key = ctx.signing_keys.active(alg)
    said = {**claims, "iss": ctx.settings.issuer, "aud": client_id}
    return jwt.encode({"alg": alg, "kid": key.kid}, said, key.key, [alg])
