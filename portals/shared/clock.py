"""The time in whole seconds, from one place, so that a test can move it.

Whole seconds, because that is what the provider's activity endpoint speaks: both sides then
agree to the second on when fifteen minutes are over.
"""

import time
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment."""

    def now(self) -> int:
        """Return the seconds since 1970-01-01 UTC, rounded down."""
        ...


class SystemClock:
    """The operating system's clock."""

    def now(self) -> int:
        """Return the seconds since 1970-01-01 UTC, rounded down."""
        return int(time.time())


class OffsetClock:
    """The system's clock moved by the seconds written in a file; for tests of whole processes."""

    def __init__(self, offset_file: Path) -> None:
        """offset_file: text file that holds a number of seconds, or does not exist yet."""
        self._offset_file = offset_file

    def now(self) -> int:
        """Return the moved seconds since 1970-01-01 UTC, rounded down."""
        try:
            offset = float(self._offset_file.read_text() or 0)
        except FileNotFoundError:
            offset = 0.0
        return int(time.time() + offset)


class FixedClock:
    """A clock that stands still until it is told to move; for tests inside one process."""

    def __init__(self, start: int) -> None:
        """start: the seconds it shows first."""
        self._now = start

    def now(self) -> int:
        """Return the moment it was set to."""
        return self._now

    def advance(self, seconds: int) -> None:
        """Move forward by a number of seconds."""
        self._now += seconds
