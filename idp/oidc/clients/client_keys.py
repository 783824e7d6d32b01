"""Public keys that a client registers (`jwks`, RFC 7591 §2): checked once, when it registers.

Keys are registered by value alone: an address to fetch them from would let a registration make this
provider call any host (OWASP ASVS 5.0 V1.3.6).
"""

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey, import_key

_MOST = 10
_RSA_BITS = range(2048, 4097)
_LARGEST_EXPONENT = 2**32 - 1  # verifying with a huge one would cost seconds
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES = {"P-256": "ES256", "Ed25519": "EdDSA"}


def problem(jwks: Mapping[str, Any]) -> str | None:
    """Return the key of what is wrong with a key set, or None.

    One to ten keys, each RSA of 2048 to 4096 bits, P-256 or Ed25519, for signatures, without any
    private member; several of them with ids that tell them apart.
    """
    members = jwks.get("keys")
    if set(jwks) != {"keys"} or not isinstance(members, list) or not 0 < len(members) <= _MOST:
        return "jwks_shape"
    if not all(isinstance(one, Mapping) and all(map(_is_plain, one.values())) for one in members):
        return "jwks_shape"
    if any(_PRIVATE_MEMBERS & set(one) for one in members):
        return "jwks_private"
    kids = [one.get("kid") for one in members]
    if len(members) > 1 and (None in kids or len(set(map(str, kids))) < len(kids)):
        return "jwks_kid"
    return None if all(_is_usable(one) for one in members) else "jwks_key"


def parse(jwks: Mapping[str, Any]) -> KeySet:
    """Return the keys of a set that has no problem."""
    return KeySet([import_key(dict(one)) for one in jwks["keys"]])


def algorithm_of(key: Key) -> str | None:
    """Return the one algorithm that a key signs with here, or None for a kind without use."""
    if isinstance(key, RSAKey):
        return "RS256"
    return _CURVES.get(key.curve_name) if isinstance(key, ECKey | OKPKey) else None


def _is_usable(member: Mapping[str, Any]) -> bool:
    try:
        key = import_key(dict(member))
        key.check_use("sig")
    except (JoseError, ValueError, TypeError, KeyError, OverflowError):
        return False
    algorithm = algorithm_of(key)
    if algorithm is None or member.get("alg") not in {None, algorithm}:
        return False
    return not isinstance(key, RSAKey) or _is_sound(key)


def _is_sound(key: RSAKey) -> bool:
    public = key.public_key
    return public.key_size in _RSA_BITS and public.public_numbers().e <= _LARGEST_EXPONENT


def _is_plain(value: object) -> bool:
    """Tell whether a member is a text or a list of texts, as every member of RFC 7517 is."""
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(one, str) for one in value)
    )
