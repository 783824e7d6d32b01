"""Making and reading JSON Web Keys."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from joserfc.jwk import ECKey, Key, KeyParameters, OKPKey, RSAKey, import_key
from joserfc.jws import JWSRegistry

RSA_BITS = 2048
ALGORITHMS = ("RS256", "ES256", "EdDSA")
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

# RFC 9864 renames the algorithm by its curve, and joserfc warns of the former name. Relying parties
# know no other, and the reason for the new one (two curves under one name) does not exist here:
# every key is Ed25519.
JWSRegistry.algorithms["EdDSA"].security_warning = None


def generate(alg: str) -> Key:
    """Return a new key pair for RS256 (2048 bits), ES256 (P-256) or EdDSA (Ed25519).

    Its key id is the JWK thumbprint (RFC 7638). KeyError for another algorithm.
    """
    parameters: KeyParameters = {"alg": alg, "use": "sig"}
    makers: Mapping[str, Callable[[], Key]] = {
        "RS256": lambda: RSAKey.generate_key(RSA_BITS, parameters),
        "ES256": lambda: ECKey.generate_key("P-256", parameters),
        "EdDSA": lambda: OKPKey.generate_key("Ed25519", parameters),
    }
    key = makers[alg]()
    key.ensure_kid()
    return key


def public_members(key: Key) -> dict[str, Any]:
    """Return the public JWK, with alg, use and kid and never a private member (case JW-08)."""
    members = key.as_dict(private=False)
    return {name: value for name, value in members.items() if name not in _PRIVATE_MEMBERS}


def private_bytes(key: Key) -> bytes:
    """Return the whole JWK as JSON bytes, to be sealed."""
    return json.dumps(key.as_dict(private=True)).encode()


def parse(private: bytes) -> Key:
    """Read a whole JWK back from JSON bytes."""
    return import_key(json.loads(private))


def parse_public(members: dict[str, Any]) -> Key:
    """Read a public JWK."""
    return import_key(members)
