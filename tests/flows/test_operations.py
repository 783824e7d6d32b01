"""What an operator can see: is the worker there, what waits, is the audit trail whole."""

import json

import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner, Result
from flask import Flask

from idp.cli import main, running
from idp.cli.work import make_worker
from idp.foundation.audit.chain import noted_head
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.outbox import service as outbox
from idp.foundation.outbox.model import State


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> "Run":
    """Runs `idp` commands on the test's application."""
    monkeypatch.setattr(running, "application", lambda: app)
    return Run()


class Run:
    """A shell of the operator's."""

    def __call__(self, *words: str, status: int = 0) -> Result:
        result = CliRunner().invoke(main, words)
        assert result.exit_code == status, result.output
        return result


def _ready(app: Flask) -> tuple[int, dict[str, object]]:
    answer = app.test_client().get("/health/ready")
    return answer.status_code, answer.get_json()


def _give_one_up(ctx: Context) -> str:
    with writing(ctx.db):
        row_id = outbox.enqueue(ctx, "pigeon", {})
    row = outbox.claim(ctx, ["pigeon"], "somebody")
    assert row
    outbox.settle(ctx, row, State.PARKED, "it will not fly")
    return row_id


def test_F_10_readiness_tells_how_the_worker_stands_and_does_not_depend_on_it(
    app: Flask, ctx: Context, clock: FixedClock
) -> None:
    nobody = {"seen_seconds_ago": None, "queued": 0, "parked": 0, "oldest_seconds": None}
    status, body = _ready(app)
    assert (status, body["status"], body["worker"]) == (200, "ready", nobody)
    make_worker(app).run_once()
    _give_one_up(ctx)
    with writing(ctx.db):
        outbox.enqueue(ctx, "pigeon", {})
    clock.advance(90)
    late = {"seen_seconds_ago": 90, "queued": 1, "parked": 1, "oldest_seconds": 90}
    status, body = _ready(app)
    assert (status, body["worker"]) == (200, late)


def test_F_10_readiness_walks_the_migrations_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _ready(app)[0] == 200
    monkeypatch.delattr(ScriptDirectory, "walk_revisions")
    assert _ready(app)[0] == 200


def test_F_10_an_operator_sees_what_waits_and_tries_again_what_was_given_up(
    ctx: Context, run: Run
) -> None:
    row_id = _give_one_up(ctx)
    standing = json.loads(run("queue", "status", "--json").output)
    assert (standing["parked"], standing["queued"]) == (1, 0)
    (parked,) = json.loads(run("queue", "parked", "--json").output)
    assert (parked["id"], parked["last_error"]) == (row_id, "it will not fly")
    assert run("queue", "retry", row_id).output == "Queued.\n"
    run("queue", "retry", row_id, status=1)
    assert json.loads(run("queue", "status", "--json").output)["queued"] == 1


def test_AD_13_verify_warns_when_nobody_links(ctx: Context, run: Run, clock: FixedClock) -> None:
    with writing(ctx.db):
        record(ctx, Event.TERMS_ACCEPTED)
    clock.advance(59)
    with writing(ctx.db):
        record(ctx, Event.TERMS_ACCEPTED)
    assert "Warning" not in run("audit", "verify").output
    with writing(ctx.db):
        record(ctx, Event.TERMS_ACCEPTED)
    clock.advance(61)
    result = run("audit", "verify")
    assert "unlinked since 2026-03-02" in result.stderr
    assert "whole" in result.stdout


def test_AD_13_verify_compares_with_a_head_that_was_noted(ctx: Context, run: Run) -> None:
    with writing(ctx.db):
        record(ctx, Event.TERMS_ACCEPTED)
    run("audit", "verify")
    ctx.db.rollback()
    head = noted_head(ctx)
    assert head
    run("audit", "verify", "--noted", f"{head.position}:{head.hash}")
    other = run("audit", "verify", "--noted", f"{head.position}:{'0' * 64}", status=1)
    assert "noted_head_differs" in other.output
    run("audit", "verify", "--noted", "nonsense", status=2)
