"""Use of signing keys in one process.

Which key signs follows from the rows and the clock: the newest that has been published long enough
(OpenID Connect Core §10.1.1). So every process changes over at the same moment without asking
anybody, and a relying party has always seen the key before it meets a token signed with it.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import Key, KeySet
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from idp.foundation.clock import Clock
from idp.foundation.database import writing
from idp.foundation.policy_models.tokens import TokensPolicy
from idp.foundation.sealing import Sealing
from idp.foundation.signing_keys import rules, store
from idp.foundation.signing_keys.model import SigningKeyRow


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
    """The keys of this process: parsed once, asked again for changes every few seconds.

    Parsing an RSA key costs as much as a hundred signatures, so a key that is already parsed is
    kept by its id; only new ones are opened.
    """

    def __init__(
        self,
        sessions: Callable[[], Session],
        sealing: Sealing,
        clock: Clock,
        policy: TokensPolicy,
    ) -> None:
        """sessions: opens a session of its own; sealing: opens the private halves."""
        self._sessions = sessions
        self._sealing = sealing
        self._clock = clock
        self._policy = policy
        self._parsed: dict[str, Key] = {}
        self._loaded: _Loaded | None = None
        self._lock = threading.Lock()

    def active(self, alg: str = "RS256") -> SigningKey:
        """Return the key that signs with the algorithm now."""
        return self._current().signing[alg]

    def jwks(self) -> dict[str, Any]:
        """Return the JSON Web Key Set: public members only (RFC 7517 §5)."""
        return self._current().jwks

    def public_keyset(self) -> KeySet:
        """Return the keys that verify our own tokens, the retired ones included."""
        return self._current().verifying

    def forget(self) -> None:
        """Ask the database at the next use; for the process that changed a key."""
        self._loaded = None

    def _current(self) -> _Loaded:
        loaded, lasting = self._loaded, timedelta(seconds=self._policy.keys_reload_seconds)
        if loaded and abs(self._clock.now() - loaded.at) < lasting:
            return loaded
        with self._lock:
            self._loaded = self._load()
            return self._loaded

    def _load(self) -> _Loaded:
        """Read the keys; those of algorithms that have none are made: at the first start ever.

        All at once, so that no relying party meets a key before it was published.
        """
        now, rows = self._clock.now(), self._read()
        found = {row.alg for row in rows if row.state in store.IN_USE}
        missing = [alg for alg in rules.ALGORITHMS if alg not in found]
        if missing:
            self._make(missing, now)
            rows = self._read()
        order = sorted(rows, key=lambda row: rules.ALGORITHMS.index(row.alg))
        signing = {alg: self._signing(order, alg, now) for alg in rules.ALGORITHMS}
        public = [row.public_jwk for row in order]
        verifying = KeySet([rules.parse_public(jwk) for jwk in public])
        return _Loaded(signing, {"keys": public}, verifying, now)

    def _read(self) -> Sequence[SigningKeyRow]:
        retired_after = self._clock.now() - timedelta(seconds=self._policy.key_keep_seconds)
        with self._sessions() as session:
            return store.live(session, retired_after)

    def _signing(self, rows: Sequence[SigningKeyRow], alg: str, now: datetime) -> SigningKey:
        """Return the key that was published long enough, else the one that signs so far."""
        usable = [row for row in rows if row.alg == alg and row.state in store.IN_USE]
        lasting = timedelta(seconds=self._policy.key_publish_seconds)
        due = (each for each in usable if each.state == "published")
        taking_over = next((each for each in due if now >= each.created_at + lasting), None)
        so_far = next((each for each in usable if each.state == "active"), usable[0])
        row = taking_over or so_far
        return SigningKey(row.kid, row.alg, self._open(row))

    def _open(self, row: SigningKeyRow) -> Key:
        if row.kid not in self._parsed:
            private = self._sealing.open(row.private_sealed, bound_to=_bound_to(row.kid))
            self._parsed[row.kid] = rules.parse(private)
        return self._parsed[row.kid]

    def _make(self, algorithms: Sequence[str], now: datetime) -> None:
        made = [new_row(self._sealing, alg, now) for alg in algorithms]
        with suppress(IntegrityError), self._sessions() as session, writing(session):
            for row in made:
                if not store.active(session, row.alg):  # else another process was first
                    row.state, row.activated_at = "active", now
                    store.add(session, row, now)


def new_row(sealing: Sealing, alg: str, now: datetime) -> SigningKeyRow:
    """Return a row with a new key, published and not yet signing."""
    key = rules.generate(alg)
    kid = str(key.kid)
    return SigningKeyRow(
        kid=kid,
        alg=alg,
        state="published",
        public_jwk=rules.public_members(key),
        private_sealed=sealing.seal(rules.private_bytes(key), bound_to=_bound_to(kid)),
        created_at=now,
    )


def _bound_to(kid: str) -> str:
    return f"signing_key:private_sealed:{kid}"
