"""Secrets the portal keeps: made at random, found by their hash, sealed under the cookie.

Whoever copies the database file gets no cookie and no token: a cookie stands there as a SHA-256
hash, and tokens are encrypted under a key derived from the cookie, which only the browser has.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class SealBroken(Exception):
    """The sealed text was changed, moved to another place, or belongs to another cookie."""


def new_secret() -> str:
    """Return 256 random bits as 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """Return the SHA-256 of a secret that new_secret made, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def form_token(cookie: str) -> str:
    """Return the synchroniser token of a browser session: a keyed hash of its cookie.

    Nothing is stored for it, it changes whenever the session id rotates, and it cannot be
    turned back into the cookie (OWASP ASVS 5.0 V3.5.1).
    """
    return hmac.new(cookie.encode(), b"form token", hashlib.sha256).hexdigest()


def seal(cookie: str, plaintext: bytes, *, bound_to: str) -> str:
    """Encrypt bytes under the cookie (AES-256-GCM); bound_to names the place it belongs to."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_key(cookie)).encrypt(nonce, plaintext, bound_to.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(cookie: str, sealed: str, *, bound_to: str) -> bytes:
    """Decrypt what `seal` made for the same cookie and place; raises SealBroken otherwise."""
    try:
        raw = base64.urlsafe_b64decode(sealed)
        nonce, ciphertext = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
        return AESGCM(_key(cookie)).decrypt(nonce, ciphertext, bound_to.encode())
    except (InvalidTag, ValueError, binascii.Error) as error:
        raise SealBroken from error


def _key(cookie: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"portal seal").derive(cookie.encode())
