"""What the worker does from time to time, and what it does when the database is away."""

import json
import time
from threading import Thread

import pytest
from sqlalchemy.exc import OperationalError

from idp.foundation.audit.chain import Head
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.audit.verification import verify
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.housekeeping import foundation_jobs
from idp.foundation.mail import mailbox
from idp.foundation.mail.delivery import mail_deliverer
from idp.foundation.mail.mailbox import MailboxTransport
from idp.foundation.mail.message import compose
from idp.foundation.mail.rendering import render
from idp.foundation.mail.service import KIND, send
from idp.foundation.outbox import service as outbox
from idp.foundation.outbox.deliverer import Deliverer, Parcel
from idp.foundation.outbox.worker import PeriodicJob, Worker
from tests.flows.foundation.ground import OpenContext
from tests.parts.application import on_both_databases


@on_both_databases
def test_one_round_of_the_worker_links_the_trail_and_notes_its_end_in_the_log(
    ctx: Context, open_context: OpenContext, capsys: pytest.CaptureFixture[str]
) -> None:
    with writing(ctx.db):
        record(ctx, Event.TERMS_ACCEPTED)
        send(ctx, "ask_again", to="ana@example.org", language="en", values={})
    deliverers = {KIND: mail_deliverer(ctx.settings)}
    assert Worker(open_context, deliverers, foundation_jobs()).run_once() == 1
    assert len(mailbox.newest(ctx)) == 1
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert not [line for line in lines if line["level"] == "error"]
    (noted,) = [line for line in lines if line["event"] == "audit chain ends"]
    assert verify(ctx, Head(noted["position"], noted["hash"])) == []
    assert verify(ctx, Head(noted["position"], "0" * 64))


def test_a_mail_that_is_handed_over_twice_is_in_the_mailbox_once(ctx: Context) -> None:
    rendered = render(ctx.settings, "ask_again", "xx", {})
    assert rendered.language == "en", "an unknown language is English"
    message = compose(
        ctx.settings, rendered, to="ana@example.org", message_id="<1@localhost>", date=ctx.now()
    )
    for _ in range(2):
        MailboxTransport().hand_over(ctx, message)
    assert len(mailbox.newest(ctx)) == 1


def test_a_database_that_is_away_parks_nothing_and_the_worker_goes_on(
    ctx: Context, open_context: OpenContext, capsys: pytest.CaptureFixture[str]
) -> None:
    with writing(ctx.db):
        outbox.enqueue(ctx, "letter", {"to": "ana"})
    tried: list[str] = []

    def deliver(_: Context, parcel: Parcel) -> None:
        tried.append(parcel.id)
        raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    worker = Worker(open_context, {"letter": Deliverer(deliver)})
    running = Thread(target=worker.run)
    running.start()
    end = time.monotonic() + 20
    while not tried and time.monotonic() < end:
        time.sleep(0.01)
    worker.stop()
    running.join(10)
    assert not running.is_alive()
    assert "delivery interrupted" in capsys.readouterr().err
    ctx.db.rollback()
    assert outbox.backlog(ctx) == outbox.Backlog(queued=1, parked=0, oldest_at=ctx.now())


def test_a_job_that_is_due_again_runs_again(open_context: OpenContext) -> None:
    runs: list[str] = []
    jobs = [
        PeriodicJob("often", 0.1, lambda _: runs.append("often")),
        PeriodicJob("seldom", 3600, lambda _: runs.append("seldom")),
    ]
    worker = Worker(open_context, {}, jobs)
    running = Thread(target=worker.run)
    running.start()
    end = time.monotonic() + 20
    while runs.count("often") < 3 and time.monotonic() < end:
        time.sleep(0.01)
    worker.stop()
    running.join(10)
    assert runs.count("often") >= 3
    assert runs.count("seldom") == 1
