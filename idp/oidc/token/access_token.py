"""Access tokens as they are sent: opaque for this provider, a JWT for a resource. RFC 9068.

Either way the database has a row with a hash: of the opaque token, or of the JWT's `jti`. So both
are introspected, revoked and counted alike, and a JWT can be signed anew for a repeated answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from joserfc import jwt

from idp.foundation.context import Context
from idp.oidc import jwts
from idp.oidc.clients.registration import SigningAlgorithm

_TYPE = "at+jwt"
_ALGORITHMS: tuple[str, ...] = get_args(SigningAlgorithm)


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token allows whom, and where.

    sub: the person as this client knows it, or the client itself where it acts in its own name.
    person: auth_time, acr and amr of the sign-in (RFC 9068 §2.2.1), {} where nobody signed in.
    """

    client_id: str
    sub: str
    scope: str
    resource: str
    issued_at: datetime
    expires_at: datetime
    person: Mapping[str, Any]


def as_jwt(ctx: Context, access: Access, handle: str, alg: str) -> str:
    """Return the signed token (RFC 9068 §2); handle becomes its `jti`."""
    key = ctx.signing_keys.active(alg)
    claims = {
        "iss": ctx.settings.issuer,
        "aud": access.resource,
        "sub": access.sub,
        "client_id": access.client_id,
        "iat": int(access.issued_at.timestamp()),
        "exp": int(access.expires_at.timestamp()),
        "jti": handle,
        "scope": access.scope,
        **access.person,
    }
    return jwt.encode({"alg": alg, "kid": key.kid, "typ": _TYPE}, claims, key.key, [alg])


def handle_of(ctx: Context, token: str) -> tuple[str, bool]:
    """Return what is stored of a presented token as hash, and whether it came as a JWT.

    A JWT that we did not sign, or not as an access token, gives a handle that no row has.
    """
    if "." not in token:
        return token, False
    found = jwts.verified(token, ctx.signing_keys.public_keyset().keys, _ALGORITHMS)
    if found is None or found.header.get("typ") != _TYPE:
        return token, True
    jti, issuer = found.claims.get("jti"), found.claims.get("iss")
    is_ours = isinstance(jti, str) and issuer == ctx.settings.issuer
    return (str(jti) if is_ours else token), True
