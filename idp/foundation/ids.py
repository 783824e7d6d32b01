"""Identifiers and secrets: made in one place, from the operating system's random source."""

import hashlib
import secrets
import time  # the one place besides clock.py: a key's order is no business time
import uuid

_SECRET_BYTES = 32


def new_id() -> str:
    """Return a primary key: a UUID of version 7 (RFC 9562 §5.7) as 36 characters.

    Time-ordered, so that new rows stand side by side in an index; never shown to applications
    (a subject identifier is random, see people/accounts).
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & ((1 << 48) - 1)) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return str(uuid.UUID(int=value))


def new_secret() -> str:
    """Return 256 random bits as 43 characters of base64url (ASVS V7.2.3 asks for at least 128)."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def secret_hash(secret: str) -> str:
    """Return the SHA-256 of a high-entropy secret as 64 hex characters: how each is stored.

    A plain hash is enough because 256 random bits cannot be guessed; low-entropy values
    (codes, identifiers) go through `digests.Digests.keyed` instead.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
