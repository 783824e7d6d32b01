"""Counting in Redis or Valkey, for many processes under load."""

from typing import TYPE_CHECKING

from limits.storage import RedisStorage

from idp.foundation.clock import Clock
from idp.foundation.digests import Digests
from idp.foundation.rate_limits.rules import Reading

if TYPE_CHECKING:
    from redis import Redis

# A page must not wait for a counter: longer than any answer on a healthy network.
_TIMEOUT_SECONDS = 0.3
_SINCE = "idp:rate_limits:since"


class RedisLost(Exception):
    """Redis does not answer, or answers nonsense."""


class RedisWindows:
    """Counts with the scripts of `limits`, each an atomic step on the server."""

    def __init__(self, url: str, clock: Clock, digests: Digests) -> None:
        """url: redis://, rediss://, valkey:// or valkeys://; nothing is connected yet."""
        from redis.backoff import NoBackoff  # noqa: PLC0415 - the `scale` extra, when configured
        from redis.retry import Retry  # noqa: PLC0415

        self._clock = clock
        self._digests = digests
        self._storage = RedisStorage(
            url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
            key_prefix="idp",
            wrap_exceptions=False,
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]  # handed on to redis-py
        )
        self._client: Redis = self._storage.storage

    def acquire(self, key: str, limit: int, seconds: int, amount: int = 1) -> bool:
        """Count hits when that keeps the limit; RedisLost."""
        hashed = self._hashed(key)
        try:
            return self._storage.acquire_sliding_window_entry(hashed, limit, seconds, amount)
        except Exception as error:
            raise RedisLost(type(error).__name__) from error

    def read(self, key: str, seconds: int) -> Reading:
        """Return the present counts; RedisLost."""
        try:
            found = self._storage.get_sliding_window(self._hashed(key), seconds)
        except Exception as error:
            raise RedisLost(type(error).__name__) from error
        previous, previous_left, current, current_left = found
        return Reading(previous, current, previous_left / seconds, current_left)

    def clear(self, key: str, seconds: int) -> None:
        """Forget a key; RedisLost."""
        try:
            self._storage.clear_sliding_window(self._hashed(key), seconds)
        except Exception as error:
            raise RedisLost(type(error).__name__) from error

    def remembers_since(self) -> float:
        """Return the moment (seconds since the epoch) from which on nothing was forgotten.

        The mark is in Redis itself: a flush or a restart without its data takes it along, and
        whoever sees that first writes a new one. RedisLost.
        """
        try:
            since = self._client.get(_SINCE)
            if since is None:
                self._client.set(_SINCE, repr(self._clock.now().timestamp()), nx=True)
                since = self._client.get(_SINCE)
            return float(since)  # type: ignore[arg-type]  # bytes; redis-py's types allow more
        except Exception as error:
            raise RedisLost(type(error).__name__) from error

    def forget_since(self) -> None:
        """Say that hits may be missing from now on backwards; RedisLost."""
        try:
            self._client.set(_SINCE, repr(self._clock.now().timestamp()))
        except Exception as error:
            raise RedisLost(type(error).__name__) from error

    def _hashed(self, key: str) -> str:
        return self._digests.keyed("rate_limit", key)
