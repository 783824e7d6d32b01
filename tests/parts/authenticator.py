"""A person's authenticator app, computed by another library path than the provider's check."""

import base64
import hashlib
import hmac
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

_STEP_SECONDS = 30
_DIGITS = 6


def totp(secret: str, at: datetime) -> str:
    """Return the six digits of RFC 6238 for a base32 secret at a moment."""
    return _hotp(secret, int(at.timestamp()) // _STEP_SECONDS)


def _hotp(secret: str, counter: int) -> str:
    """RFC 4226 section 5.3: dynamic truncation of an HMAC-SHA-1."""
    typed = secret.replace(" ", "").upper()  # pages show it in groups of four
    key = base64.b32decode(typed + "=" * (-len(typed) % 8))
    digest = hmac.new(key, struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"


@dataclass
class Authenticator:
    """Gives a code that was not given before, as a person who waits for the next one would.

    now: tells the provider's time. When the present step's code was given already, the next
    step's is given; the provider accepts a clock that is one step ahead.
    """

    secret: str
    now: Callable[[], datetime]
    _last_step: int = field(default=-1)

    def code(self) -> str:
        """Return the present code, or the next one if this one was used."""
        step = max(int(self.now().timestamp()) // _STEP_SECONDS, self._last_step + 1)
        self._last_step = step
        return _hotp(self.secret, step)
