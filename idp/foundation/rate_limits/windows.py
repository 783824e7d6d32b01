"""What the limits need of the place that counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from idp.foundation.rate_limits.rules import Reading


@dataclass(frozen=True, slots=True)
class Hit:
    """One hit of a key, and how many of them its window of so many seconds allows."""

    key: str
    limit: int
    seconds: int


class Windows(Protocol):
    """Counts hits of a key in a sliding window, shared by all processes."""

    def acquire(self, key: str, limit: int, seconds: int, amount: int = 1) -> bool:
        """Count `amount` hits when that keeps the limit; a refused hit is not counted."""
        ...

    def acquire_all(self, hits: Sequence[Hit]) -> bool:
        """Count one hit of each key whose limit allows it; tell whether all did."""
        ...

    def read(self, key: str, seconds: int) -> Reading:
        """Return the present counts; changes nothing."""
        ...

    def clear(self, key: str, seconds: int) -> None:
        """Forget a key."""
        ...
