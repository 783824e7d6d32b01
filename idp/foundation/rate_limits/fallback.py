"""Redis first, the database behind it: a lost or emptied Redis throttles nobody less.

Whoever is refused by Redis is noted in the database as well. When Redis is away the database
counts; when it is back or was emptied (FLUSHALL, a restart, fault F-13), both must agree until
the longest window is over.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from idp.foundation.clock import Clock
from idp.foundation.logging import get_logger
from idp.foundation.rate_limits.redis_windows import RedisLost, RedisWindows
from idp.foundation.rate_limits.rules import Reading
from idp.foundation.rate_limits.sql_windows import SqlWindows
from idp.foundation.rate_limits.windows import Hit

log = get_logger("idp.rate_limits")

T = TypeVar("T")

_PAUSE_SECONDS = 5.0
_LONGEST_WINDOW_SECONDS = 3600
_MARKS = 10_000


class FallbackWindows:
    """Counts in Redis while it can be trusted, in the database otherwise."""

    def __init__(self, redis: RedisWindows, sql: SqlWindows, clock: Clock) -> None:
        self._redis = redis
        self._sql = sql
        self._clock = clock
        self._away_until = 0.0
        self._was_away = False
        self._marked: dict[tuple[str, int], None] = {}
        self._lock = threading.Lock()

    def acquire(self, key: str, limit: int, seconds: int, amount: int = 1) -> bool:
        """Count hits when that keeps the limit."""
        return self._try(
            lambda: self._acquire(key, limit, seconds, amount),
            lambda: self._sql.acquire(key, limit, seconds, amount),
        )

    def acquire_all(self, hits: Sequence[Hit]) -> bool:
        """Count one hit of each key whose limit allows it; tell whether all did."""
        return self._try(
            lambda: self._acquire_all(hits),
            lambda: self._sql.acquire_all(hits),
        )

    def read(self, key: str, seconds: int) -> Reading:
        """Return the present counts; of two places, the higher one's."""
        return self._try(
            lambda: self._read(key, seconds),
            lambda: self._sql.read(key, seconds),
        )

    def clear(self, key: str, seconds: int) -> None:
        """Forget a key in both places."""
        self._sql.clear(key, seconds)
        self._try(lambda: self._redis.clear(key, seconds), lambda: None)

    def _acquire(self, key: str, limit: int, seconds: int, amount: int) -> bool:
        is_doubted = self._is_doubted()
        if is_doubted and not self._sql.acquire(key, limit, seconds, amount):
            return False
        if self._redis.acquire(key, limit, seconds, amount):
            return True
        self._mark(key, limit, seconds)
        return False

    def _acquire_all(self, hits: Sequence[Hit]) -> bool:
        counted = [self._acquire(one.key, one.limit, one.seconds, 1) for one in hits]
        return all(counted)

    def _read(self, key: str, seconds: int) -> Reading:
        reading = self._redis.read(key, seconds)
        if self._is_doubted():
            kept = self._sql.read(key, seconds)
            return max(reading, kept, key=lambda one: one.previous * one.weight + one.current)
        return reading

    def _is_doubted(self) -> bool:
        if self._was_away:
            # Hits were counted elsewhere meanwhile: all processes shall ask both places now.
            self._redis.forget_since()
            self._was_away = False
        age = self._clock.now().timestamp() - self._redis.remembers_since()
        return age < _LONGEST_WINDOW_SECONDS

    def _mark(self, key: str, limit: int, seconds: int) -> None:
        # Once for each window: an attacker who goes on must not cause a write each time.
        window = (key, int(self._clock.now().timestamp() // seconds))
        with self._lock:
            if window in self._marked:
                return
            if len(self._marked) >= _MARKS:
                self._marked.clear()
            self._marked[window] = None
        self._sql.fill(key, limit, seconds)

    def _try(self, first: Callable[[], T], instead: Callable[[], T]) -> T:
        if time.monotonic() < self._away_until:
            return instead()
        try:
            return first()
        except RedisLost as error:
            self._away_until = time.monotonic() + _PAUSE_SECONDS
            self._was_away = True
            log.warning("rate limits count in the database", reason=str(error))
            return instead()
