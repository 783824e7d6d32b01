"""Encryption at rest: AES-256-GCM with key ids, each value bound to the row that holds it."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from idp.foundation.key_ring import KeyRing

_VERSION = "v1"
_NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed value was changed, moved to another row, or sealed with a key we do not have."""


class Sealing:
    """Seals and opens values."""

    def __init__(self, ring: KeyRing) -> None:
        """ring: 32-byte keys; the active one seals, all of them open."""
        self._active_kid = ring.active_kid
        self._ciphers = {kid: AESGCM(key[:32]) for kid, key in ring.keys.items()}

    def seal(self, plaintext: bytes, *, bound_to: str) -> str:
        """Return `v1:kid:nonce:ciphertext`; bound_to is "table:column:row id" (the AAD)."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._active_kid].encrypt(nonce, plaintext, bound_to.encode())
        return ":".join((_VERSION, self._active_kid, _text(nonce), _text(sealed)))

    def open(self, envelope: str, *, bound_to: str) -> bytes:
        """Return the plaintext; SealBroken when anything about the envelope is not right."""
        try:
            version, kid, nonce, sealed = envelope.split(":")
            if version != _VERSION:
                raise SealBroken("unknown envelope version")
            cipher = self._ciphers[kid]
            return cipher.decrypt(_bytes(nonce), _bytes(sealed), bound_to.encode())
        except (ValueError, KeyError, InvalidTag) as error:
            table = bound_to.partition(":")[0]
            raise SealBroken(f"a sealed value of {table} does not open") from error


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
