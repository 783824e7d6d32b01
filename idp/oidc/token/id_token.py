"""ID tokens. OpenID Connect Core §2, §3.1.3.6 and §12.2."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt

from idp.foundation.context import Context

# Core §3.1.3.6: the hash of the algorithm; Ed25519 hashes with SHA-512 (RFC 8032 §5.1).
_HASHES = {"RS256": "sha256", "ES256": "sha256", "EdDSA": "sha512"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What an ID token says: of the grant, so that a refreshed one repeats it (§12.2)."""

    sub: str
    client_id: str
    auth_time: datetime
    amr: tuple[str, ...]
    acr: str
    sid: str
    nonce: str | None


def issue(ctx: Context, facts: Facts, *, alg: str, access_token: str, extra: dict[str, Any]) -> str:
    """Sign an ID token with the one active key of the algorithm, whose kid its header names.

    extra: claims by scope that belong into the token itself.
    """
    key = ctx.signing_keys.active(alg)
    issued = int(ctx.now().timestamp())
    claims = {
        "iss": ctx.settings.issuer,
        "sub": facts.sub,
        "aud": facts.client_id,
        "azp": facts.client_id,
        "iat": issued,
        "exp": issued + ctx.policies.tokens.id_token_seconds,
        "auth_time": int(facts.auth_time.timestamp()),
        "acr": facts.acr,
        "amr": list(facts.amr),
        "sid": facts.sid,
        "at_hash": half_hash(access_token, alg),
        **({"nonce": facts.nonce} if facts.nonce is not None else {}),
        **extra,
    }
    return jwt.encode({"alg": alg, "kid": key.kid}, claims, key.key, [alg])


def half_hash(token: str, alg: str) -> str:
    """Return the left half of a token's hash in base64url (at_hash, §3.1.3.6)."""
    digest = hashlib.new(_HASHES[alg], token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")
