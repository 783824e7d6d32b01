"""Signatures of the provider: which algorithms count, and which keys (RFC 7515, 7517, 8725)."""

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from portals.shared.clock import Clock
from portals.shared.refusals import ProviderUnreachable, SignInRefused

# Never "none", never a symmetric algorithm: a public key must not pass for a shared secret.
ALGORITHMS = ("RS256", "ES256")
_LONGEST_TOKEN = 16384
_FRESH_SECONDS = 600
_REFETCH_SECONDS = 10


class ProviderKeys:
    """The provider's public keys, fetched when first needed and when a new key id appears."""

    def __init__(self, fetch: Callable[[], Mapping[str, Any]], clock: Clock) -> None:
        """fetch: returns the JWK Set document; raises ProviderUnreachable."""
        self._fetch = fetch
        self._clock = clock
        self._lock = Lock()
        self._keys = KeySet([])
        self._tried_at: int | None = None

    def verified(self, token: str, *, types: tuple[str | None, ...]) -> jwt.Token:
        """Return header and claims of a signed token.

        types: the `typ` headers that this kind of token may carry, in small letters, so that one
        kind cannot pass for another (RFC 8725 section 3.11).
        Raises SignInRefused("signature" or "type"), ProviderUnreachable when keys cannot be had.
        """
        decoded = self._decoded(token)
        typ = decoded.header.get("typ")
        if (typ.lower() if isinstance(typ, str) else typ) not in types:
            raise SignInRefused("type")
        return decoded

    def _decoded(self, token: str) -> jwt.Token:
        if len(token) > _LONGEST_TOKEN or not token.isascii():
            raise SignInRefused("signature")
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(token, self._key_of, registry=registry)
        except (JoseError, ValueError, TypeError) as error:
            raise SignInRefused("signature") from error

    def _key_of(self, signed: Any) -> Any:
        """Find the key that the header names; joserfc calls this before it checks anything."""
        header = signed.headers()
        kid = header.get("kid")
        if header.get("alg") not in ALGORITHMS or not isinstance(kid, str):
            raise SignInRefused("signature")
        for keys in self._key_sets():
            for key in keys:
                if key.kid == kid and key.alg in {None, header["alg"]}:
                    return key
        raise SignInRefused("signature")

    def _key_sets(self) -> Iterator[KeySet]:
        """Give the keys at hand first, and only when they lack the key those of the moment."""
        tried_at = self._tried_at
        if tried_at is not None and self._clock.now() - tried_at < _FRESH_SECONDS:
            yield self._keys
        yield self._renewed()

    def _renewed(self) -> KeySet:
        """Fetch the keys again, but not more often than every ten seconds.

        Anybody can post a token with an invented key id; without the pause each one would make
        the portal call the provider. Keys once seen stay when the provider cannot be reached.
        """
        with self._lock:
            now = self._clock.now()
            if self._tried_at is None or now - self._tried_at >= _REFETCH_SECONDS:
                try:
                    self._keys = _import(self._fetch())
                except ProviderUnreachable:
                    if self._tried_at is None:
                        raise
                self._tried_at = now
            return self._keys


def _import(document: Mapping[str, Any]) -> KeySet:
    """Take the signature keys out of a JWK Set; encryption and secret keys are passed over."""
    members = [
        member
        for member in document.get("keys", [])
        if member.get("kty") in {"RSA", "EC"} and member.get("use", "sig") == "sig"
    ]
    return KeySet.import_key_set({"keys": members}) if members else KeySet([])
