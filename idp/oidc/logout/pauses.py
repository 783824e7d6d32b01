"""Leaves an application alone for a while when its notices keep failing (case F-20).

Rows wait by themselves after each failure; an application that many sessions end for at once
would still be called for each of them. What is remembered stays in this process: after a restart
the application is simply tried again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.foundation.context import Context
from idp.foundation.outbox.deliverer import TryAgain

_FAILURES_BORNE = 3
_FIRST_SECONDS = 5
# Shorter than the longest wait of a row, so that no row meets nothing but pauses.
_LONGEST_SECONDS = 60


@dataclass(frozen=True, slots=True)
class _Failing:
    failures: int
    until: datetime


class Pauses:
    """Remembers which applications fail, and until when each is left alone."""

    def __init__(self) -> None:
        self._failing: dict[str, _Failing] = {}

    @contextmanager
    def around(self, ctx: Context, client_id: str) -> Iterator[None]:
        """Watch one delivery; TryAgain without trying it while the application is left alone."""
        failing = self._failing.get(client_id)
        if failing and ctx.now() < failing.until:
            raise TryAgain("left alone after failures")
        try:
            yield
        except TryAgain:
            self._failing[client_id] = _after(failing, ctx.now())
            raise
        self._failing.pop(client_id, None)


def _after(before: _Failing | None, now: datetime) -> _Failing:
    failures = (before.failures if before else 0) + 1
    if failures < _FAILURES_BORNE:
        return _Failing(failures, now)
    doublings = min(failures - _FAILURES_BORNE, 8)
    seconds = min(_LONGEST_SECONDS, _FIRST_SECONDS << doublings)
    return _Failing(failures, now + timedelta(seconds=seconds))
