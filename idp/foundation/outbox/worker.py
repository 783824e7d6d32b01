"""The worker process: delivers what is due and does periodic work, until it is told to stop.

Each kind has threads of its own, so that mail never waits for an application that hangs (case
F-20). Deliveries happen outside of transactions; only claiming and settling write, briefly.
Any number of workers may run on PostgreSQL, one on SQLite. SIGTERM and SIGINT let what is being
delivered end (at most 25 s), so that no lease is left behind.
"""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.foundation.logging import get_logger
from idp.foundation.outbox import service
from idp.foundation.outbox.deliverer import Deliverer, NotWanted, TryAgain, Undeliverable
from idp.foundation.outbox.model import OutboxRow, State
from idp.foundation.sealing import SealBroken

log = get_logger("idp.worker")

ContextOpener = Callable[[], AbstractContextManager[Context]]

_IDLE_SECONDS = 0.5
_BEAT_SECONDS = 5.0
_DRAIN_SECONDS = 25.0
# An error in our own code or data (a template, a payload): five tries show that it stays.
_MAX_CRASHES = 5


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """Something done every so many seconds in each worker; must be harmless when done twice."""

    name: str
    every_seconds: float
    run: Callable[[Context], object]


class Worker:
    """Delivers rows in threads, each with contexts of its own."""

    def __init__(
        self,
        open_context: ContextOpener,
        deliverers: Mapping[str, Deliverer],
        jobs: Sequence[PeriodicJob] = (),
        threads: int = 1,
    ) -> None:
        """Prepare; nothing runs yet.

        open_context: gives a fresh context with its own database session, and closes it;
        threads: how many deliver each kind.
        """
        self._open_context = open_context
        self._deliverers = deliverers
        self._jobs = [*jobs, PeriodicJob("heartbeat", _BEAT_SECONDS, self._beat)]
        self._threads = threads
        self._stop = threading.Event()
        self._name = f"{socket.gethostname()[:20]}:{os.getpid()}:{new_id()[-8:]}"

    def run_once(self) -> int:
        """Do every periodic job once and deliver all that is due now; return how many rows."""
        for job in self._jobs:
            self._run_job(job)
        return sum(self._deliver_due(kind) for kind in self._deliverers)

    def run(self) -> None:
        """Work until `stop`; returns after what was begun has ended."""
        threads = [
            *(
                threading.Thread(target=self._repeat, args=(job,), name=job.name, daemon=True)
                for job in self._jobs
            ),
            *(
                threading.Thread(
                    target=self._deliver_all, args=(kind,), name=f"{kind}-{number}", daemon=True
                )
                for kind in self._deliverers
                for number in range(self._threads)
            ),
        ]
        for thread in threads:
            thread.start()
        log.info("worker started", worker=self._name, threads=self._threads)
        # Waiting in short steps lets Python run signal handlers in this thread.
        while not self._stop.wait(1):
            pass
        end = time.monotonic() + _DRAIN_SECONDS
        for thread in threads:
            thread.join(max(0, end - time.monotonic()))
        log.info("worker stopped", worker=self._name)

    def stop(self, *_signal: object) -> None:
        """Begin to stop; may be called from a signal handler."""
        self._stop.set()

    def stop_on_signals(self) -> None:
        """Stop when the process is told to end; call from the main thread."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)

    def deliver_next(self, kind: str) -> bool:
        """Deliver one row of a kind; False when none is due."""
        with self._open_context() as ctx:
            row = service.claim(ctx, [kind], self._name)
            if row is None:
                return False
            _deliver(ctx, row, self._deliverers[row.kind])
            return True

    def _deliver_due(self, kind: str) -> int:
        handled = 0
        while self.deliver_next(kind):
            handled += 1
        return handled

    def _deliver_all(self, kind: str) -> None:
        while not self._stop.is_set():
            try:
                has_delivered = self.deliver_next(kind)
            except Exception:
                # The database is away: nothing is lost, rows stay queued or leased.
                log.exception("delivery interrupted")
                has_delivered = False
            if not has_delivered:
                self._stop.wait(_IDLE_SECONDS)

    def _repeat(self, job: PeriodicJob) -> None:
        # A thread each: a long purge must not keep the trail unlinked or the heartbeat still.
        while not self._stop.is_set():
            self._run_job(job)
            self._stop.wait(job.every_seconds)

    def _run_job(self, job: PeriodicJob) -> None:
        try:
            with self._open_context() as ctx:
                job.run(ctx)
        except Exception:
            log.exception("periodic job failed", job=job.name)

    def _beat(self, ctx: Context) -> None:
        service.beat(ctx, self._name)


def _deliver(ctx: Context, row: OutboxRow, deliverer: Deliverer) -> None:
    try:
        _refuse_worn_out(row, deliverer)
        deliverer.deliver(ctx, service.opened(ctx, row))
    except SQLAlchemyError:
        raise  # our own database: no fault of this row, its lease ends by itself
    except TryAgain as refusal:
        _postpone(ctx, row, str(refusal))
    except (Undeliverable, SealBroken) as refusal:
        _park(ctx, row, str(refusal), deliverer)
    except NotWanted as refusal:
        service.settle(ctx, row, State.DROPPED, str(refusal)[:200])
    except Exception as error:
        # Anything may be in the message of an unknown error: only its type is kept in the row.
        log.exception("delivery crashed", kind=row.kind, outbox_id=row.id)
        _note_crash(ctx, row, type(error).__name__, deliverer)
    else:
        service.settle(ctx, row, State.DELIVERED)


def _refuse_worn_out(row: OutboxRow, deliverer: Deliverer) -> None:
    # Attempts are counted when a row is claimed, so one that kills the process is given up too.
    if row.attempts > deliverer.max_attempts:
        raise Undeliverable(row.last_error or "never ended")


def _note_crash(ctx: Context, row: OutboxRow, reason: str, deliverer: Deliverer) -> None:
    if row.crashes + 1 >= _MAX_CRASHES:
        _park(ctx, row, reason, deliverer)
    else:
        service.put_back(ctx, row, reason, has_crashed=True)


def _postpone(ctx: Context, row: OutboxRow, reason: str) -> None:
    log.warning("delivery postponed", kind=row.kind, outbox_id=row.id, reason=reason)
    service.put_back(ctx, row, reason[:200])


def _park(ctx: Context, row: OutboxRow, reason: str, deliverer: Deliverer) -> None:
    log.error("delivery given up", kind=row.kind, outbox_id=row.id, reason=reason)
    service.park(ctx, row, reason[:200], deliverer.parked)
