"""The outbox: what is queued with a commit is delivered, whatever fails in between."""

import time
from collections import Counter
from collections.abc import Callable
from threading import Event, Lock, Thread

import pytest
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.outbox import service
from idp.foundation.outbox.deliverer import (
    Deliverer,
    NotWanted,
    Parcel,
    TryAgain,
    Undeliverable,
)
from idp.foundation.outbox.model import State
from idp.foundation.outbox.worker import PeriodicJob, Worker
from tests.flows.foundation.ground import OpenContext
from tests.parts.application import on_both_databases

pytestmark = on_both_databases

Deliver = Callable[[Context, Parcel], None]


class Letterbox:
    """A deliverer that keeps what it gets, and can be told to fail by payload."""

    def __init__(self) -> None:
        self.taken: list[Parcel] = []
        self.failures: dict[str, Exception] = {}
        self._lock = Lock()

    def __call__(self, _ctx: Context, parcel: Parcel) -> None:
        if failure := self.failures.get(str(parcel.payload["to"])):
            raise failure
        with self._lock:
            self.taken.append(parcel)

    @property
    def names(self) -> list[str]:
        return sorted(str(parcel.payload["to"]) for parcel in self.taken)


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@pytest.fixture
def worker(open_context: OpenContext, letterbox: Letterbox) -> Worker:
    return Worker(open_context, {"letter": Deliverer(letterbox, max_attempts=4)})


def _enqueue(ctx: Context, *names: str) -> list[str]:
    with writing(ctx.db):
        return [service.enqueue(ctx, "letter", {"to": name}) for name in names]


def _rows(ctx: Context) -> list[tuple[str, str | None, str | None, int]]:
    ctx.db.rollback()
    rows = ctx.db.execute(
        text("SELECT state, payload, last_error, attempts FROM outbox ORDER BY id")
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def test_what_is_queued_is_delivered_once_and_erased(
    ctx: Context, worker: Worker, letterbox: Letterbox
) -> None:
    with writing(ctx.db):
        payload = {"to": "ana", "at": ctx.now(), "count": 3}
        row_id = service.enqueue(ctx, "letter", payload)
    assert worker.run_once() == 1
    assert worker.run_once() == 0
    (parcel,) = letterbox.taken
    assert parcel.payload == payload
    assert parcel.message_id == f"<{row_id}@localhost>"
    assert _rows(ctx) == [("delivered", None, None, 1)]


def test_F_06_nothing_is_queued_when_the_change_is_rolled_back(
    ctx: Context, worker: Worker
) -> None:
    def fail_after_queueing() -> None:
        with writing(ctx.db):
            service.enqueue(ctx, "letter", {"to": "ana"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_queueing()
    assert worker.run_once() == 0


def test_DB_01_a_waiting_payload_is_sealed_and_bound_to_its_row(
    ctx: Context, worker: Worker, letterbox: Letterbox
) -> None:
    first, second = _enqueue(ctx, "ana", "beto")
    assert "ana" not in str(_rows(ctx))
    with writing(ctx.db):
        ctx.db.execute(
            text(
                "UPDATE outbox SET payload = (SELECT payload FROM outbox WHERE id = :from)"
                " WHERE id = :to"
            ),
            {"from": first, "to": second},
        )
    worker.run_once()
    assert letterbox.names == ["ana"]
    assert [row[0] for row in _rows(ctx)] == ["delivered", "parked"]


def test_what_is_due_later_waits(
    ctx: Context, worker: Worker, letterbox: Letterbox, clock: FixedClock
) -> None:
    with writing(ctx.db):
        service.enqueue(ctx, "letter", {"to": "ana"}, due_in_seconds=3600)
    clock.advance(3599)
    assert worker.run_once() == 0
    clock.advance(1)
    assert worker.run_once() == 1


def test_F_12_what_fails_for_now_comes_back_later_and_later_and_is_parked_at_last(
    ctx: Context, worker: Worker, letterbox: Letterbox, clock: FixedClock
) -> None:
    letterbox.failures["ana"] = TryAgain("smtp 451 4.3.0")
    _enqueue(ctx, "ana")
    for wait in (5, 10, 20):
        assert worker.run_once() == 1
        clock.advance(wait * 0.5 - 0.1)
        assert worker.run_once() == 0, f"at least half of {wait} s"
        clock.advance(wait * 0.5 + 0.1)
    assert worker.run_once() == 1
    clock.advance(40)
    assert worker.run_once() == 1
    state, payload, error, attempts = _rows(ctx)[0]
    assert (state, error, attempts) == ("parked", "smtp 451 4.3.0", 5)
    assert payload is not None, "an operator may try again"


def test_ML_05_a_poisoned_row_is_parked_and_the_others_flow(
    ctx: Context, worker: Worker, letterbox: Letterbox, clock: FixedClock
) -> None:
    letterbox.failures["bad"] = Undeliverable("smtp 550 5.1.1")
    letterbox.failures["crash"] = KeyError("secret detail")
    _enqueue(ctx, "bad", "crash", "ana", "beto")
    for _ in range(6):
        worker.run_once()
        clock.advance(300)
    assert letterbox.names == ["ana", "beto"]
    by_error = {row[2]: row[0] for row in _rows(ctx)}
    assert by_error == {"smtp 550 5.1.1": "parked", "KeyError": "parked", None: "delivered"}
    assert service.backlog(ctx) == service.Backlog(queued=0, parked=2, oldest_at=None)


def test_a_parked_row_can_be_tried_again(
    ctx: Context, worker: Worker, letterbox: Letterbox
) -> None:
    letterbox.failures["ana"] = Undeliverable("smtp 550 5.1.1")
    (row_id,) = _enqueue(ctx, "ana")
    worker.run_once()
    (parked,) = service.parked(ctx)
    assert (parked.id, parked.kind, parked.last_error) == (row_id, "letter", "smtp 550 5.1.1")
    letterbox.failures.clear()
    with writing(ctx.db):
        assert service.retry_parked(ctx, row_id)
        assert not service.retry_parked(ctx, row_id)
    worker.run_once()
    assert letterbox.names == ["ana"]


def test_what_nobody_waits_for_any_more_is_dropped(
    ctx: Context, worker: Worker, letterbox: Letterbox
) -> None:
    letterbox.failures["ana"] = NotWanted("the code was used")
    _enqueue(ctx, "ana")
    worker.run_once()
    assert _rows(ctx) == [("dropped", None, "the code was used", 1)]


def test_ML_02_a_row_whose_worker_died_comes_back_after_its_lease(
    ctx: Context, worker: Worker, letterbox: Letterbox, clock: FixedClock
) -> None:
    (row_id,) = _enqueue(ctx, "ana")
    assert service.claim(ctx, ["letter"], "a worker that dies now") is not None
    clock.advance(60)
    assert worker.run_once() == 0
    clock.advance(1)
    assert worker.run_once() == 1
    assert letterbox.taken[0].id == row_id


def test_ML_02_a_worker_that_lost_its_lease_changes_nothing(
    ctx: Context, clock: FixedClock
) -> None:
    _enqueue(ctx, "ana")
    slow = service.claim(ctx, ["letter"], "slow")
    clock.advance(61)
    quick = service.claim(ctx, ["letter"], "quick")
    assert slow
    assert quick
    assert not service.settle(ctx, slow, State.PARKED, "too late")
    assert not service.put_back(ctx, slow, "too late")
    assert _rows(ctx)[0][:3] == ("queued", quick.payload, None)
    assert service.settle(ctx, quick, State.DELIVERED)
    assert [row[0] for row in _rows(ctx)] == ["delivered"]


def test_ML_02_a_lease_that_its_owner_took_anew_is_not_ended_by_the_first_try(
    ctx: Context, clock: FixedClock
) -> None:
    _enqueue(ctx, "ana")
    first = service.claim(ctx, ["letter"], "one")
    clock.advance(61)
    second = service.claim(ctx, ["letter"], "one")
    assert first
    assert second
    assert not service.settle(ctx, first, State.DROPPED)
    assert service.settle(ctx, second, State.DELIVERED)


def test_a_row_that_kills_every_worker_is_parked(
    ctx: Context, worker: Worker, clock: FixedClock
) -> None:
    _enqueue(ctx, "deadly")
    for _ in range(4):
        assert service.claim(ctx, ["letter"], "a worker that dies now") is not None
        clock.advance(61)
    worker.run_once()
    assert [row[0] for row in _rows(ctx)] == ["parked"]


def test_a_worker_leaves_alone_what_it_cannot_deliver(ctx: Context, worker: Worker) -> None:
    with writing(ctx.db):
        service.enqueue(ctx, "pigeon", {"to": "ana"})
    assert worker.run_once() == 0
    assert service.backlog(ctx).queued == 1


def test_ML_03_many_senders_deliver_each_row_once(
    ctx: Context, open_context: OpenContext, letterbox: Letterbox
) -> None:
    _enqueue(ctx, *(f"person-{number}" for number in range(60)))
    workers = [Worker(open_context, {"letter": Deliverer(letterbox)}) for _ in range(4)]
    threads = [Thread(target=worker.run_once) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(letterbox.taken) == 60
    assert set(Counter(parcel.id for parcel in letterbox.taken).values()) == {1}


def test_every_job_runs_and_a_failing_one_stops_nothing(
    open_context: OpenContext, letterbox: Letterbox
) -> None:
    ran: list[str] = []

    def fail(_: Context) -> None:
        raise RuntimeError("broken job")

    jobs = [PeriodicJob("broken", 1, fail), PeriodicJob("good", 1, lambda _: ran.append("good"))]
    Worker(open_context, {"letter": Deliverer(letterbox)}, jobs).run_once()
    assert ran == ["good"]


def test_a_worker_says_that_it_lives(ctx: Context, worker: Worker, clock: FixedClock) -> None:
    assert service.last_beat(ctx) is None
    worker.run_once()
    ctx.db.rollback()
    assert service.last_beat(ctx) == clock.now()


def test_F_25_settled_rows_are_purged(ctx: Context, worker: Worker, clock: FixedClock) -> None:
    _enqueue(ctx, "ana")
    worker.run_once()
    assert service.purge(ctx) == 0
    clock.advance(7 * 86400 + 1)
    assert service.purge(ctx) == 1


def test_F_20_a_kind_that_hangs_holds_up_no_other(
    ctx: Context, open_context: OpenContext, letterbox: Letterbox
) -> None:
    hanging, answered = Event(), Event()

    def hang(_ctx: Context, _parcel: Parcel) -> None:
        hanging.set()
        answered.wait(30)

    with writing(ctx.db):
        for _ in range(3):
            service.enqueue(ctx, "notice", {})
    worker = Worker(open_context, {"notice": Deliverer(hang), "letter": Deliverer(letterbox)})
    running = Thread(target=worker.run)
    running.start()
    assert hanging.wait(10)
    _enqueue(ctx, "ana")
    end = time.monotonic() + 10
    while not letterbox.taken and time.monotonic() < end:
        running.join(0.02)
    worker.stop()
    answered.set()
    running.join(10)
    assert letterbox.names == ["ana"]


def test_a_worker_that_runs_delivers_and_stops_when_told(
    ctx: Context, open_context: OpenContext, letterbox: Letterbox
) -> None:
    _enqueue(ctx, "ana", "beto")
    worker = Worker(open_context, {"letter": Deliverer(letterbox)}, threads=2)
    running = Thread(target=worker.run)
    running.start()
    while len(letterbox.taken) < 2:
        running.join(0.02)
        assert running.is_alive()
    worker.stop()
    running.join(5)
    assert not running.is_alive()
    assert [row[0] for row in _rows(ctx)] == ["delivered", "delivered"]
