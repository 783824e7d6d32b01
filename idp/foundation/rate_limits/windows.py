"""What the limits need of the place that counts."""

from typing import Protocol

from idp.foundation.rate_limits.rules import Reading


class Windows(Protocol):
    """Counts hits of a key in a sliding window, shared by all processes."""

    def acquire(self, key: str, limit: int, seconds: int, amount: int = 1) -> bool:
        """Count `amount` hits when that keeps the limit; a refused hit is not counted."""
        ...

    def read(self, key: str, seconds: int) -> Reading:
        """Return the present counts; changes nothing."""
        ...

    def clear(self, key: str, seconds: int) -> None:
        """Forget a key."""
        ...
