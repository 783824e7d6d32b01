"""The time, from one place, so that a test can move it and nobody can forget the time zone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        ...


class SystemClock:
    """The operating system's clock."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        return datetime.now(UTC)


class OffsetClock:
    """The system's clock moved by the seconds written in a file; for tests of whole processes.

    The file may be missing (no offset). It is read at each call, so that every process that was
    given the same file moves at the same moment. Settings refuse it in production.
    """

    def __init__(self, offset_file: Path) -> None:
        """offset_file: text file that holds a number of seconds, or does not exist yet."""
        self._offset_file = offset_file

    def now(self) -> datetime:
        """Return the moved moment, aware and in UTC."""
        try:
            offset = float(self._offset_file.read_text() or 0)
        except FileNotFoundError:
            offset = 0.0
        return SystemClock().now() + timedelta(seconds=offset)


class FixedClock:
    """A clock that stands still until it is told to move; for tests inside one process."""

    def __init__(self, start: datetime) -> None:
        """start: the aware moment it shows first."""
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment it was set to."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move forward by a number of seconds."""
        self._now += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """Jump to an aware moment."""
        self._now = moment.astimezone(UTC)
