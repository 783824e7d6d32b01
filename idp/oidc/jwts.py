"""Reading signed JWTs that come from outside: bounded, one algorithm a key, never an exception."""

import base64
import binascii
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from idp.oidc.clients.client_keys import algorithm_of

_LONGEST = 16_384
_LONGEST_HEADER = 2048
_PARTS = 3


@dataclass(frozen=True, slots=True)
class SignedJwt:
    """A JWT whose signature was right: what its header and its body say."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def verified(token: str, keys: Iterable[Key], algorithms: Collection[str]) -> SignedJwt | None:
    """Return the JWT if one of the keys signed it, or None, whatever is wrong with it.

    The key decides the algorithm, the header must name the same: so neither `none` nor an HMAC
    keyed with a public key verifies (RFC 8725 §3.1, case JW-01). Extensions that a header calls
    critical are refused, since none is known here (RFC 7515 §4.1.11).
    """
    header = _part(token, 0) or {}
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        return None
    if "crit" in header or "b64" in header:
        return None
    fitting = (one for one in keys if algorithm_of(one) == algorithm and kid in (None, one.kid))
    return next((found for key in fitting if (found := _decoded(token, key, algorithm))), None)


def unverified_claims(token: str) -> Mapping[str, Any]:
    """Return what a JWT says of itself, to find the keys that must have signed it; {} for none."""
    return _part(token, 1) or {}


def _decoded(token: str, key: Key, algorithm: str) -> SignedJwt | None:
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = _LONGEST_HEADER
    try:
        decoded = jwt.decode(token, key, registry=registry)
    except (JoseError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return SignedJwt(decoded.header, decoded.claims)


def _part(token: str, number: int) -> dict[str, Any] | None:
    pieces = token.split(".")
    if len(token) > _LONGEST or len(pieces) != _PARTS:
        return None
    piece = pieces[number]
    try:
        # RecursionError: what is nested a thousand deep (case JW-05).
        read = json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None
