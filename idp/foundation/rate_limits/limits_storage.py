"""The same counting for the `limits` library, and so for Flask-Limiter."""

from limits.storage import SlidingWindowCounterSupport, Storage
from sqlalchemy.exc import SQLAlchemyError

from idp.foundation.rate_limits.windows import Windows

SCHEME = "idp"
STRATEGY = "sliding-window-counter"


class SharedStorage(Storage, SlidingWindowCounterSupport):
    """Storage `idp://` of `limits`; give it the windows as the storage option `windows`."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - the library's way to register

    def __init__(self, uri: str = f"{SCHEME}://", *, windows: Windows, **_: object) -> None:
        super().__init__(uri)
        self._windows = windows

    @property
    def base_exceptions(self) -> type[Exception]:
        """What goes wrong when the place that counts is away."""
        return SQLAlchemyError

    def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """Count hits when that keeps the limit."""
        return self._windows.acquire(key, limit, expiry, amount)

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return previous count, its seconds left, current count, its seconds left."""
        reading = self._windows.read(key, expiry)
        left = reading.weight * expiry
        return reading.previous, left, reading.current, left + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget a key."""
        self._windows.clear(key, expiry)

    def check(self) -> bool:
        """Tell whether counting works."""
        self._windows.read("health", 1)
        return True

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Refuse: only the sliding window is offered."""
        raise NotImplementedError(STRATEGY)

    def get(self, key: str) -> int:
        """Refuse: only the sliding window is offered."""
        raise NotImplementedError(STRATEGY)

    def get_expiry(self, key: str) -> float:
        """Refuse: only the sliding window is offered."""
        raise NotImplementedError(STRATEGY)

    def reset(self) -> int | None:
        """Refuse: nobody empties all limits at once."""
        raise NotImplementedError(STRATEGY)

    def clear(self, key: str) -> None:
        """Refuse: only the sliding window is offered."""
        raise NotImplementedError(STRATEGY)
