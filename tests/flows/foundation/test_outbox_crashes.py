"""Workers as real processes, killed at the worst moments, with a real mail server (ML-02)."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.clock import Clock, OffsetClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.mail.service import send
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes.service import Purpose, Redeemed
from idp.settings import Settings
from tests.flows.foundation.ground import CountingSink
from tests.parts.application import on_both_databases
from tests.parts.programs import Program, start

pytestmark = [on_both_databases, pytest.mark.processes]

StartWorker = Callable[[], Program]


@pytest.fixture
def offset_file(tmp_path: Path) -> Path:
    return tmp_path / "offset"


@pytest.fixture
def clock(offset_file: Path) -> Clock:
    return OffsetClock(offset_file)


@pytest.fixture
def start_worker(
    settings: Settings, smtp: CountingSink, offset_file: Path, tmp_path: Path
) -> Iterator[StartWorker]:
    environment = {
        **os.environ,
        "IDP_ENVIRONMENT": "test",
        "IDP_DATABASE_URL": settings.database,
        "IDP_DATA_DIR": str(settings.data_dir),
        "IDP_SMTP_URL": smtp.url,
        "IDP_CLOCK_OFFSET_FILE": str(offset_file),
    }
    started: list[Program] = []

    def begin() -> Program:
        command = [sys.executable, "-m", "tests.flows.foundation.worker_process"]
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(start("worker", command, log=log, environment=environment))
        return started[-1]

    yield begin
    for program in started:
        program.stop()


def _send_code(ctx: Context) -> str:
    with writing(ctx.db):
        issued = one_time_codes.issue(
            ctx, Purpose.UNLOCK, transaction_id="tab-1", subject="account-1"
        )
        send(
            ctx,
            "sample",
            to="ana@example.org",
            language="en",
            values={"name": "Ana", "code": issued.code, "token": issued.link_token},
            code_id=issued.id,
        )
        record(ctx, Event.UNLOCK_REQUESTED, subject_id="account-1")
    return issued.code


def _state(ctx: Context) -> tuple[str, bool]:
    ctx.db.rollback()
    row = ctx.db.execute(text("SELECT state, leased_until FROM outbox")).one()
    return row[0], row[1] is not None


def _wait(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


@contextmanager
def _nobody_else_writes(engine: Engine) -> Iterator[None]:
    with engine.connect().execution_options(idp_writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE"))
        yield


def _is_redeemed(ctx: Context, code: str) -> bool:
    with writing(ctx.db):
        answer = one_time_codes.redeem_code(ctx, Purpose.UNLOCK, transaction_id="tab-1", code=code)
    return isinstance(answer, Redeemed)


def test_ML_02_killed_while_the_server_has_not_answered_the_mail_is_sent_again(
    ctx: Context, smtp: CountingSink, start_worker: StartWorker, offset_file: Path
) -> None:
    code = _send_code(ctx)
    smtp.seconds_to_answer = 60
    killed = start_worker()
    _wait(lambda: _state(ctx) == ("queued", True) and smtp.received > 0)
    killed.kill()
    smtp.seconds_to_answer = 0
    offset_file.write_text("61")
    start_worker()
    mail = smtp.mail_to("ana@example.org")
    assert code in mail.text
    _wait(lambda: _state(ctx) == ("delivered", False))
    assert _is_redeemed(ctx, code)


def test_ML_02_killed_between_sending_and_marking_a_used_code_is_not_mailed_again(
    ctx: Context, smtp: CountingSink, start_worker: StartWorker, offset_file: Path, engine: Engine
) -> None:
    code = _send_code(ctx)
    smtp.seconds_to_answer = 1.5
    killed = start_worker()
    _wait(lambda: smtp.received > 0)
    with _nobody_else_writes(engine):
        smtp.mail_to("ana@example.org")
        killed.kill()
    assert _state(ctx) == ("queued", True)
    assert _is_redeemed(ctx, code), "it works as soon as it can be read, marked or not"
    offset_file.write_text("61")
    smtp.seconds_to_answer = 0
    start_worker()
    _wait(lambda: _state(ctx)[0] == "dropped")
    assert len(smtp.delivered) == 1, "a code that was used is not mailed again"


def test_ML_02_an_unread_twin_carries_the_same_code_and_message_id(
    ctx: Context, smtp: CountingSink, start_worker: StartWorker, offset_file: Path, engine: Engine
) -> None:
    code = _send_code(ctx)
    smtp.seconds_to_answer = 1.5
    killed = start_worker()
    _wait(lambda: smtp.received > 0)
    with _nobody_else_writes(engine):
        smtp.mail_to("ana@example.org")
        killed.kill()
    offset_file.write_text("61")
    smtp.seconds_to_answer = 0
    start_worker()
    _wait(lambda: _state(ctx) == ("delivered", False))
    first, twin = smtp.delivered
    assert first.message_id == twin.message_id
    assert code in first.text
    assert code in twin.text
    assert _is_redeemed(ctx, code)


def test_F_23_a_worker_told_to_end_finishes_what_it_sends_and_keeps_no_lease(
    ctx: Context, smtp: CountingSink, start_worker: StartWorker
) -> None:
    _send_code(ctx)
    smtp.seconds_to_answer = 1.5
    worker = start_worker()
    _wait(lambda: smtp.received > 0)
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(25) == 0
    assert len(smtp.delivered) == 1
    assert _state(ctx) == ("delivered", False)


def test_a_running_worker_links_the_audit_trail(ctx: Context, start_worker: StartWorker) -> None:
    _send_code(ctx)
    start_worker()

    def is_linked() -> bool:
        ctx.db.rollback()
        return bool(ctx.db.scalar(text("SELECT count(*) FROM audit_link")))

    _wait(is_linked)
