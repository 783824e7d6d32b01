"""Use of signing keys in one process, and their life: made, published, active, retired.

Publish before use, retire after the last token expires (OpenID Connect Core §10.1.1): a relying
party has always seen the key before it meets a token signed with it.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import Key, KeySet
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from idp.foundation.clock import Clock
from idp.foundation.database import writing
from idp.foundation.sealing import Sealing
from idp.foundation.signing_keys import rules, store
from idp.foundation.signing_keys.model import SigningKeyRow

REFRESH_SECONDS = 30


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs: its id, its algorithm and the parsed key."""

    kid: str
    alg: str
    key: Key


@dataclass(frozen=True, slots=True)
class _Loaded:
    signing: dict[str, SigningKey]
    jwks: dict[str, Any]
    verifying: KeySet
    at: datetime


class SigningKeys:
    """The keys of this process: parsed once, asked again for changes every 30 seconds.

    Parsing an RSA key costs as much as a hundred signatures, so a key that is already parsed is
    kept by its id; only new ones are opened.
    """

    def __init__(self, sessions: Callable[[], Session], sealing: Sealing, clock: Clock) -> None:
        """sessions: opens a session of its own; sealing: opens the private halves."""
        self._sessions = sessions
        self._sealing = sealing
        self._clock = clock
        self._parsed: dict[str, Key] = {}
        self._loaded: _Loaded | None = None
        self._lock = threading.Lock()

    def active(self, alg: str = "RS256") -> SigningKey:
        """Return the key that signs with the algorithm; made at the first call ever."""
        found = self._current().signing.get(alg)
        return found or self._make(alg)

    def jwks(self) -> dict[str, Any]:
        """Return the JSON Web Key Set: public members only (RFC 7517 §5)."""
        self.active()
        return self._current().jwks

    def public_keyset(self) -> KeySet:
        """Return the keys that verify our own tokens, the retired ones included."""
        self.active()
        return self._current().verifying

    def forget(self) -> None:
        """Ask the database at the next use; for the process that changed a key."""
        self._loaded = None

    def _current(self) -> _Loaded:
        loaded = self._loaded
        if loaded and self._clock.now() - loaded.at < timedelta(seconds=REFRESH_SECONDS):
            return loaded
        with self._lock:
            self._loaded = self._load()
            return self._loaded

    def _load(self) -> _Loaded:
        with self._sessions() as session:
            rows = store.live(session)
        signing = {
            row.alg: SigningKey(row.kid, row.alg, self._open(row))
            for row in rows
            if row.state == "active"
        }
        public = [row.public_jwk for row in rows]
        verifying = KeySet([rules.parse_public(jwk) for jwk in public])
        return _Loaded(signing, {"keys": public}, verifying, self._clock.now())

    def _open(self, row: SigningKeyRow) -> Key:
        if row.kid not in self._parsed:
            private = self._sealing.open(row.private_sealed, bound_to=_bound_to(row.kid))
            self._parsed[row.kid] = rules.parse(private)
        return self._parsed[row.kid]

    def _make(self, alg: str) -> SigningKey:
        now = self._clock.now()
        with suppress(IntegrityError), self._sessions() as session, writing(session):
            if not store.active(session, alg):  # else another process was first: its key is the key
                store.add(session, _row(self._sealing, alg, now), now)
        self.forget()
        return self._current().signing[alg]


def _row(sealing: Sealing, alg: str, now: datetime) -> SigningKeyRow:
    key = rules.generate(alg)
    kid = str(key.kid)
    return SigningKeyRow(
        kid=kid,
        alg=alg,
        state="active",
        public_jwk=rules.public_members(key),
        private_sealed=sealing.seal(rules.private_bytes(key), bound_to=_bound_to(kid)),
        activated_at=now,
    )


def _bound_to(kid: str) -> str:
    return f"signing_key:private_sealed:{kid}"
