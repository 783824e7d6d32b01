"""The audit trail: written with what it tells about, refused to change, and verified by place."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from idp.foundation.audit.chain import Head, link_pending, noted_head
from idp.foundation.audit.events import Event
from idp.foundation.audit.export import export
from idp.foundation.audit.service import own_history, record
from idp.foundation.audit.verification import Fault, verify
from idp.foundation.context import Context, Origin
from idp.foundation.database import writing
from migrations import triggers
from tests.parts.application import on_both_databases

pytestmark = on_both_databases


def _record_some(ctx: Context, count: int = 5) -> None:
    with writing(ctx.db):
        for number in range(count):
            record(ctx, Event.SIGN_IN_FAILED, outcome="failure", changes={"failures": number})


def _as_intruder(ctx: Context, *statements: str) -> None:
    """Change rows as somebody who owns the database but not the audit key."""
    with writing(ctx.db):
        triggers.drop(ctx.db.connection())
        for statement in statements:
            ctx.db.execute(text(statement))
        triggers.create(ctx.db.connection())


def _faults(ctx: Context, noted: Head | None = None) -> list[tuple[Fault, int]]:
    return [(finding.fault, finding.position) for finding in verify(ctx, noted)]


def test_LX_04_a_record_says_who_did_what_when_where_and_how_it_ended(ctx: Context) -> None:
    person = Origin("192.0.2.7", "Browser\r\n1", "req-1", "actor", "self", "session", "aal2", "app")
    acting = replace(ctx, origin=person)
    with writing(ctx.db):
        record(
            acting,
            Event.TERMS_ACCEPTED,
            subject_id="subject",
            reason="asked",
            organization_id="org",
            approver_id="approver",
            proofing="V2",
            proofing_reference="case 7",
            ticket="T-1",
            changes={"version": "1", "language": "en"},
        )
    link_pending(ctx)
    (line,) = [json.loads(line) for line in export(ctx)]
    assert (
        line.items()
        >= {
            "event": "terms.accepted",
            "outcome": "success",
            "reason": "asked",
            "actor_id": "actor",
            "actor_role": "self",
            "session_id": "session",
            "ip": "192.0.2.7",
            "user_agent": "Browser\ufffd\ufffd1",
            "acr": "aal2",
            "client_id": "app",
            "request_id": "req-1",
            "subject_id": "subject",
            "organization_id": "org",
            "approver_id": "approver",
            "proofing": "V2",
            "proofing_reference": "case 7",
            "ticket": "T-1",
            "changes": {"version": "1", "language": "en"},
            "occurred_at": ctx.now().isoformat(timespec="microseconds"),
            "position": 1,
        }.items()
    )


def test_a_record_is_there_exactly_when_what_it_tells_about_is(ctx: Context) -> None:
    def fail_after_recording() -> None:
        with writing(ctx.db):
            record(ctx, Event.TERMS_ACCEPTED, subject_id="nobody")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_recording()
    assert own_history(ctx, "nobody") == []


def test_details_that_an_event_does_not_declare_are_refused(ctx: Context) -> None:
    with writing(ctx.db), pytest.raises(ValueError, match="declares no detail 'password'"):
        record(ctx, Event.SIGN_IN_FAILED, changes={"password": "x"})
    with writing(ctx.db), pytest.raises(TypeError, match="float"):
        record(ctx, Event.SIGN_IN_FAILED, changes={"failures": 1.5})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET outcome = 'success'",
        "DELETE FROM audit_event",
        "UPDATE audit_link SET hash = prev_hash",
        "DELETE FROM audit_link",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET position = position - 1",
    ],
)
def test_AD_13_the_provider_itself_cannot_change_its_audit_trail(
    ctx: Context, statement: str
) -> None:
    _record_some(ctx)
    link_pending(ctx)
    with pytest.raises(DBAPIError, match=r"append-only|only moves forward"), writing(ctx.db):
        ctx.db.execute(text(statement))
    assert verify(ctx) == []


def test_AD_13_a_record_cannot_be_replaced_by_inserting_over_it(
    ctx: Context, database_kind: str
) -> None:
    _record_some(ctx, 1)
    link_pending(ctx)
    wording = {
        "sqlite": ["INSERT OR REPLACE INTO {0} SELECT * FROM {0}"],
        "postgres": ["TRUNCATE {0} CASCADE"],
    }
    for table in ("audit_event", "audit_link"):
        for statement in wording[database_kind]:
            with pytest.raises(DBAPIError, match="append-only"), writing(ctx.db):
                ctx.db.execute(text(statement.format(table)))
    assert verify(ctx) == []


def test_an_untouched_trail_verifies_and_the_verification_is_recorded(ctx: Context) -> None:
    assert verify(ctx) == []
    _record_some(ctx, 700)
    assert verify(ctx) == []
    last = noted_head(ctx)
    assert last is not None
    assert last.position == 701
    assert verify(ctx, last) == []


def test_AD_13_a_changed_record_is_named(ctx: Context) -> None:
    _record_some(ctx)
    link_pending(ctx)
    _as_intruder(
        ctx,
        "UPDATE audit_event SET outcome = 'success' WHERE id ="
        " (SELECT event_id FROM audit_link WHERE position = 3)",
    )
    assert _faults(ctx) == [(Fault.CHANGED, 3)]


def test_AD_13_a_deleted_record_is_named(ctx: Context, database_kind: str) -> None:
    _record_some(ctx)
    link_pending(ctx)
    delete = (
        "DELETE FROM audit_event WHERE id ="
        " (SELECT id FROM audit_event ORDER BY id LIMIT 1 OFFSET 1)"
    )
    if database_kind == "postgres":
        constraint = "ALTER TABLE audit_link DROP CONSTRAINT fk_audit_link_event_id"
        _as_intruder(ctx, constraint, delete)
    else:
        # SQLite checks references only where a connection asks it to; an intruder does not.
        ctx.db.rollback()
        raw = ctx.db.connection().connection.driver_connection
        ctx.db.rollback()
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
        _as_intruder(ctx, delete)
        raw.execute("PRAGMA foreign_keys=ON")
    assert _faults(ctx) == [(Fault.DELETED, 2)]


def test_AD_13_links_cut_out_of_the_middle_are_named(ctx: Context) -> None:
    _record_some(ctx)
    link_pending(ctx)
    _as_intruder(
        ctx,
        "CREATE TABLE gone AS SELECT event_id FROM audit_link WHERE position IN (2, 3)",
        "DELETE FROM audit_link WHERE position IN (2, 3)",
        "DELETE FROM audit_event WHERE id IN (SELECT event_id FROM gone)",
    )
    assert (Fault.DELETED, 2) in _faults(ctx)


def test_AD_13_a_cut_tail_is_named(ctx: Context) -> None:
    _record_some(ctx)
    link_pending(ctx)
    _as_intruder(
        ctx,
        "CREATE TABLE gone AS SELECT event_id FROM audit_link WHERE position > 3",
        "DELETE FROM audit_link WHERE position > 3",
        "DELETE FROM audit_event WHERE id IN (SELECT event_id FROM gone)",
    )
    assert _faults(ctx) == [(Fault.TAIL_CUT, 4)]


def test_AD_13_a_cut_tail_with_the_head_put_back_is_found_by_the_head_noted_elsewhere(
    ctx: Context,
) -> None:
    _record_some(ctx, 3)
    link_pending(ctx)
    _as_intruder(ctx, "CREATE TABLE old_head AS SELECT * FROM audit_head")
    _record_some(ctx, 2)
    link_pending(ctx)
    noted = noted_head(ctx)
    _as_intruder(
        ctx,
        "CREATE TABLE gone AS SELECT event_id FROM audit_link WHERE position > 3",
        "DELETE FROM audit_link WHERE position > 3",
        "DELETE FROM audit_event WHERE id IN (SELECT event_id FROM gone)",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head SELECT * FROM old_head",
    )
    assert [fault for fault, _ in _faults(ctx, noted)] == [Fault.NOTED_HEAD_DIFFERS]


def test_AD_13_a_forged_record_is_never_linked_and_is_named(ctx: Context) -> None:
    _record_some(ctx)
    _as_intruder(
        ctx,
        "INSERT INTO audit_event (id, occurred_at, event, outcome, mac)"
        " SELECT 'ffffffff-0000-7000-8000-000000000000', occurred_at, event, 'success', mac"
        " FROM audit_event LIMIT 1",
    )
    assert _faults(ctx) == [(Fault.INSERTED, 6)]
    _record_some(ctx, 2)
    assert _faults(ctx) == [(Fault.INSERTED, 9)], "the others are linked all the same"


def test_AD_13_a_link_inserted_behind_the_chain_is_named(ctx: Context) -> None:
    _record_some(ctx, 2)
    link_pending(ctx)
    _as_intruder(
        ctx,
        "INSERT INTO audit_event (id, occurred_at, event, outcome, mac)"
        " SELECT 'ffffffff-0000-7000-8000-000000000000', occurred_at, event, 'success', mac"
        " FROM audit_event LIMIT 1",
        "INSERT INTO audit_link (position, event_id, prev_hash, hash)"
        " SELECT 3, 'ffffffff-0000-7000-8000-000000000000', hash, hash"
        " FROM audit_link WHERE position = 2",
    )
    assert set(_faults(ctx)) >= {
        (Fault.CHANGED, 3),
        (Fault.CHAIN_BROKEN, 3),
        (Fault.INSERTED, 3),
    }


def test_AD_13_a_forged_or_missing_head_is_named(ctx: Context) -> None:
    _record_some(ctx, 2)
    link_pending(ctx)
    _as_intruder(ctx, "UPDATE audit_head SET position = 1")
    assert (Fault.HEAD_FORGED, 1) in _faults(ctx)
    _as_intruder(ctx, "DELETE FROM audit_head")
    _record_some(ctx, 1)
    assert (Fault.HEAD_MISSING, 2) in _faults(ctx)
    assert link_pending(ctx) == 0, "a new end would hide that the old one was taken away"


def test_records_that_commit_late_are_linked_by_the_pass_over_everything(ctx: Context) -> None:
    with time_machine.travel(1_700_000_000, tick=False), writing(ctx.db):
        record(ctx, Event.TERMS_ACCEPTED, changes={"version": "of the host with a slow clock"})
    _record_some(ctx, 2)
    assert link_pending(ctx) == 3
    with time_machine.travel(1_700_000_000, tick=False):
        _record_some(ctx, 1)
    assert link_pending(ctx) == 0
    assert link_pending(ctx, everything=True) == 1
    assert verify(ctx) == []


def test_exporting_the_trail_is_itself_recorded(ctx: Context) -> None:
    _record_some(ctx, 3)
    link_pending(ctx)
    lines = list(export(ctx, after_position=1))
    assert [json.loads(line)["position"] for line in lines] == [2, 3]
    link_pending(ctx)
    assert json.loads(list(export(ctx))[-1])["event"] == "audit.exported"


@pytest.mark.parametrize("link", [link_pending, verify])
def test_nothing_recorded_is_a_trail_without_faults(
    ctx: Context, link: Callable[[Context], object]
) -> None:
    assert not link(ctx)
