"""Password hashes: Argon2id over a peppered value, with a bounded number at once.

The pepper (HMAC with a key outside of the database, NIST SP 800-63B-4 §3.1.1.2) makes a stolen
table alone useless; its key id stands in front of the hash, so that it can be changed.
"""

import hashlib
import hmac
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from idp.foundation.key_ring import KeyRing
from idp.foundation.policy_models.password import HashPolicy
from idp.people.credentials.rules import is_too_long_to_read, normalized


class HashingBusy(Exception):
    """Every slot is taken: the person is asked to come back in a moment (503, Retry-After)."""


class PasswordHashes:
    """Makes and checks the hashes of passwords."""

    def __init__(self, policy: HashPolicy, pepper: KeyRing) -> None:
        """policy: cost and slots; pepper: keys outside of the database."""
        self._hasher = PasswordHasher(
            time_cost=policy.time_cost,
            memory_cost=policy.memory_kib,
            parallelism=policy.parallelism,
        )
        self._pepper = pepper
        self._slots = threading.BoundedSemaphore(policy.slots)
        self._held = threading.local()
        self._wait_seconds = policy.wait_seconds
        # Made here and not at the first unknown name, which would take twice as long.
        self._dummy = self.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """Return `kid$argon2…`; HashingBusy when no slot becomes free in time."""
        kid = self._pepper.active_kid
        with self.slot():
            return f"{kid}{self._hasher.hash(self._peppered(kid, password))}"

    def verify(self, stored: str, password: str) -> bool:
        """Tell whether the password has the stored hash; one Argon2id computation, always."""
        kid, _, encoded = stored.partition("$")
        if kid not in self._pepper.keys or is_too_long_to_read(password):
            return False
        with self.slot():
            try:
                return self._hasher.verify(f"${encoded}", self._peppered(kid, password))
            except (VerificationError, InvalidHashError):
                return False

    def verify_nobody(self, password: str) -> bool:
        """Spend what a check costs and say no: for names that do not exist (case LG-08)."""
        self.verify(self._dummy, password)
        return False

    def needs_rehash(self, stored: str) -> bool:
        """Tell whether cost or pepper changed since the hash was made."""
        kid, _, encoded = stored.partition("$")
        return kid != self._pepper.active_kid or self._hasher.check_needs_rehash(f"${encoded}")

    def _peppered(self, kid: str, password: str) -> bytes:
        message = normalized(password).encode("utf-8", "surrogatepass")
        return b64encode(hmac.new(self._pepper.keys[kid], message, hashlib.sha256).digest())

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot for this thread; what it hashes meanwhile takes no further one.

        A try is counted with its slot held, so that nobody is locked by tries that were never
        looked at (case IN-06). HashingBusy when no slot becomes free in time.
        """
        if getattr(self._held, "by_this_thread", False):
            yield
            return
        if not self._slots.acquire(timeout=self._wait_seconds):
            raise HashingBusy
        self._held.by_this_thread = True
        try:
            yield
        finally:
            self._held.by_this_thread = False
            self._slots.release()


@lru_cache(maxsize=8)
def _made(
    policy: HashPolicy, active_kid: str, keys: tuple[tuple[str, bytes], ...]
) -> PasswordHashes:
    return PasswordHashes(policy, KeyRing(active_kid, dict(keys)))


def hashes(policy: HashPolicy, pepper: KeyRing) -> PasswordHashes:
    """Return this process's hashes for a policy: one set of slots for all its threads."""
    return _made(policy, pepper.active_kid, tuple(pepper.keys.items()))
