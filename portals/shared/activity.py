"""Tells the provider that the person acts here, so that the one session there stays alive.

At most one report a minute for each session; what happens in between is reported when the minute
is over, so the newest action is never lost. What is still to be reported stands in the database:
any process of the portal may send it, also after a restart.
"""

import atexit
import os
import threading
from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from portals.shared import sessions
from portals.shared.clock import Clock
from portals.shared.database import Database
from portals.shared.provider import Activity, Provider
from portals.shared.refusals import ProviderUnreachable

_TICK_SECONDS = 1.0
_RETRY_SECONDS = 5
_MOST_AT_ONCE = 100
_ANY_TIME = 1 << 40


@dataclass(frozen=True)
class _Due:
    key: str
    sid: str
    acted_at: int


class ActivityReporter:
    """Sends the reports that are due, from one background thread of each process."""

    def __init__(
        self,
        database: Database,
        provider: Provider,
        clock: Clock,
        log: FilteringBoundLogger,
        pause_seconds: int,
    ) -> None:
        """pause_seconds: at most one report for a session in this time."""
        self._database = database
        self._provider = provider
        self._clock = clock
        self._log = log
        self._pause = pause_seconds
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._process: int | None = None

    def start(self) -> None:
        """Start the thread in a process that has none; every request asks for it.

        A server that forks after loading the application leaves the thread behind in the parent,
        and a process that was restarted may find reports that its predecessor did not send.
        """
        if self._stopped.is_set() or self._process == os.getpid():
            return
        self._process = os.getpid()
        threading.Thread(target=self._run, name="activity", daemon=True).start()
        atexit.register(self.stop)

    def wake(self) -> None:
        """Look at once whether a report is due."""
        self._wake.set()

    def stop(self) -> None:
        """Send what is not yet reported, and end the thread; nothing is sent by itself any more."""
        if not self._stopped.is_set():
            self._stopped.set()
            self._wake.set()
            self.report_due(at_once=True)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wake.wait(_TICK_SECONDS)
            self._wake.clear()
            try:
                self.report_due()
            except Exception:  # noqa: BLE001 - the thread must outlive a full disk
                self._log.exception("activity.failed")

    def report_due(self, *, at_once: bool = False) -> int:
        """Send the reports that are due and return how many; at_once does not wait for the minute.

        Stops at the first that cannot be delivered: the others would wait for the same provider.
        """
        sent = 0
        for key in self._keys_due(at_once=at_once):
            due = self._claim(key, at_once=at_once)
            if due and not self._report(due):
                break
            sent += due is not None
        return sent

    def _keys_due(self, *, at_once: bool) -> list[str]:
        with self._database.reading() as rows:
            found = rows.execute(
                "SELECT key FROM sessions WHERE sid IS NOT NULL"
                " AND last_action_at > reported_action_at AND next_report_at <= ? LIMIT ?",
                (self._latest(at_once=at_once), _MOST_AT_ONCE),
            )
            return [row["key"] for row in found]

    def _claim(self, key: str, *, at_once: bool) -> _Due | None:
        """Take one session for this process; when the process dies the next minute takes it up."""
        with self._database.writing() as rows:
            row = rows.execute(
                "UPDATE sessions SET next_report_at = ? WHERE key = ? AND sid IS NOT NULL"
                " AND last_action_at > reported_action_at AND next_report_at <= ?"
                " RETURNING sid, last_action_at",
                (self._clock.now() + self._pause, key, self._latest(at_once=at_once)),
            ).fetchone()
        return _Due(key, row["sid"], row["last_action_at"]) if row else None

    def _latest(self, *, at_once: bool) -> int:
        return _ANY_TIME if at_once else self._clock.now()

    def _report(self, due: _Due) -> bool:
        """Send one report; returns False when the provider is away."""
        try:
            answer = self._provider.activity(due.sid, due.acted_at)
        except ProviderUnreachable as error:
            self._log.warning("activity.unreported", reason=str(error))
            self._try_again(due)
            return False
        self._keep(due, answer)
        return True

    def _keep(self, due: _Due, answer: Activity | None) -> None:
        now = self._clock.now()
        if answer is not None and not answer.is_active:
            self._log.info("session.ended", reason="provider")
            sessions.end(self._database, due.key, "provider", now)
            return
        with self._database.writing() as rows:
            rows.execute(
                "UPDATE sessions SET reported_action_at = max(reported_action_at, ?) WHERE key = ?",
                (due.acted_at, due.key),
            )
            if answer is not None:
                sessions.keep_answer(rows, due.key, answer, now)

    def _try_again(self, due: _Due) -> None:
        with self._database.writing() as rows:
            rows.execute(
                "UPDATE sessions SET next_report_at = ? WHERE key = ?",
                (self._clock.now() + _RETRY_SECONDS, due.key),
            )
