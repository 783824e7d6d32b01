"""Keyed hashes: how low-entropy values are stored and looked up.

A stolen copy of the database alone must not allow trying all eight-digit codes or all known
email addresses; the key stays outside of it (ASVS V6.5.2, NIST SP 800-63B-4 §3.1.2.2).
"""

import hashlib
import hmac


class Digests:
    """Makes keyed hashes, each bound to the purpose it is made for."""

    def __init__(self, key: bytes) -> None:
        """key: at least 32 random bytes, the same on every node."""
        self._key = key

    def keyed(self, purpose: str, value: str) -> str:
        """Return HMAC-SHA256 of purpose and value as 64 hex characters.

        The purpose keeps a hash made for one thing from matching another's.
        """
        message = purpose.encode() + b"\x00" + value.encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()

    def matches(self, purpose: str, value: str, expected: str) -> bool:
        """Tell in constant time whether the value has the expected keyed hash."""
        return hmac.compare_digest(self.keyed(purpose, value), expected)
