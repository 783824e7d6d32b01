"""What signing in leaves behind: records of who did what, and no secret in clear."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.rate_limits.service import LimitName, hit
from idp.people.credentials import passwords
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.signing_in import (
    PASSWORD,
    WRONG,
    add_newcomer,
    add_person,
    choose_app,
    code_in,
    cookie,
    enter_password,
    fail_often,
    link_in,
    open_page,
    sign_in,
    sign_out,
    try_password,
)
from tests.parts.application import ISSUER
from tests.parts.browserless import Visitor


def events(ctx: Context) -> list[tuple[str, str]]:
    """Return what was recorded so far: event and outcome, in the order of the alphabet.

    Records of one moment have no order of their own.
    """
    ctx.db.rollback()
    rows = ctx.db.execute(text("SELECT event, outcome FROM audit_event")).all()
    return sorted((row.event, row.outcome) for row in rows)


def test_LX_04_a_whole_way_is_recorded(visitor: Visitor, ctx: Context, clock: FixedClock) -> None:
    person = add_person(ctx, clock)
    try_password(visitor, person.username, WRONG)
    page = enter_password(visitor, person).submit({"code": "000000"}, button="Continue")
    page.submit({"code": person.app.code()}, button="Continue")
    sign_out(visitor)
    assert events(ctx) == [
        ("mfa.failed", "failure"),
        ("mfa.succeeded", "success"),
        ("session.ended", "success"),
        ("session.started", "success"),
        ("sign_in.failed", "failure"),
        ("sign_in.succeeded", "success"),
    ]


def test_LX_04_a_lock_and_its_end_are_recorded(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    fail_often(visitor, person.username, 6)
    asked = open_page(visitor, "/unlock").submit({"username": "rosario"}, button="Send a code")
    asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Unlock")
    assert events(ctx) == [
        ("sign_in.failed", "denied"),
        *[("sign_in.failed", "failure")] * 5,
        ("sign_in.locked", "success"),
        ("unlock.completed", "success"),
        ("unlock.requested", "success"),
    ]


def test_DB_04_a_hash_made_with_older_costs_is_renewed_by_the_next_sign_in(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    old_policy = ctx.policies.password.hash.model_copy(update={"time_cost": 2})
    password_policy = ctx.policies.password.model_copy(update={"hash": old_policy})
    policies = replace(ctx.policies, password=password_policy)
    old = Context(replace(ctx.parts, policies=policies), ctx.db, ctx.origin)
    with_old_cost = passwords.make_hash(old, PASSWORD)
    ctx.db.execute(text("UPDATE password SET hash = :hash"), {"hash": with_old_cost})
    ctx.db.commit()
    assert enter_password(visitor, person).path == "/sign-in/mfa"
    ctx.db.rollback()
    stored = ctx.db.scalar(text("SELECT hash FROM password"))
    assert ",t=1," in str(stored)
    assert ("password.rehashed", "success") in events(ctx)
    assert enter_password(visitor, person).path == "/sign-in/mfa"


def test_DB_01_no_secret_of_these_flows_lies_in_the_database_in_clear(
    open_visitor: OpenVisitor,
    ctx: Context,
    clock: FixedClock,
    read_mail: ReadMail,
    tmp_path: Path,
) -> None:
    newcomer, person = add_newcomer(ctx, clock, "benito"), add_person(ctx, clock)
    visitor, waiting = open_visitor(), open_visitor()
    fail_often(visitor, person.username, 6)
    asked = open_page(visitor, "/unlock").submit({"username": "rosario"}, button="Send a code")
    mail = read_mail(person.email)[0]
    phone = open_visitor()
    phone.open(link_in(mail))
    enrolling = choose_app(enter_password(waiting, newcomer))
    key = next(one for one in enrolling.document.all("code") if one.get("id") == "app-key").text
    newcomer.app.secret = key.replace(" ", "")
    kept = enrolling.submit({"code": newcomer.app.code()}, button="Continue")
    codes = next(one for one in kept.document.all("ol") if one.get("id") == "recovery-codes")
    shown = [item.text for item in codes.all("li")]
    asked.submit({"code": code_in(mail)}, button="Unlock")
    sign_in(visitor, person)
    secrets = [
        PASSWORD,
        newcomer.app.secret,
        person.app.secret,
        *shown,
        *person.codes,
        code_in(mail),
        link_in(mail).partition("token=")[2],
        cookie(visitor),
        cookie(waiting),
        enrolling.query["tx"],
    ]
    ctx.db.rollback()
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("idp.sqlite3*"))
    assert [secret for secret in secrets if _stands_in(secret, stored)] == []


def _stands_in(secret: str, stored: bytes) -> bool:
    plain = secret.encode()
    bare = secret.replace("-", "").encode()
    forms = (plain, bare, plain.hex().encode(), base64.b64encode(plain))
    return any(form in stored for form in forms)


def details(ctx: Context, event: str) -> list[dict[str, object]]:
    """Return the details of the records of an event."""
    ctx.db.rollback()
    query = text("SELECT changes FROM audit_event WHERE event = :event")
    return [json.loads(row.changes) for row in ctx.db.execute(query, {"event": event})]


def test_LX_04_records_say_how_somebody_signed_in_and_until_when_a_lock_holds(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    sign_in(open_visitor(), person)
    fail_often(open_visitor(), person.username, 5)
    how = {"amr": ["pwd", "otp", "mfa"], "acr": "urn:ncid:acr:aal2"}
    assert details(ctx, "sign_in.succeeded") == [how | {"is_new_device": True}]
    assert details(ctx, "session.started") == [how]
    assert details(ctx, "sign_in.locked")[0]["until"] == "2026-03-02T17:00:00+00:00"


def test_LX_04_wrong_codes_of_unlocking_are_recorded(
    open_visitor: OpenVisitor, ctx: Context
) -> None:
    asked = open_page(open_visitor(), "/unlock").submit({"username": "rosario"})
    asked.submit({"code": "00000000"}, button="Unlock")
    assert ("unlock.completed", "failure") in events(ctx)
    changes = details(ctx, "unlock.completed")[0]
    assert changes["method"] == "code"
    assert changes["identifier_hash"]


def test_LX_04_wrong_links_of_unlocking_are_recorded(visitor: Visitor, ctx: Context) -> None:
    kept = visitor.open(f"{ISSUER}/unlock/link?token=x")
    proof = open_page(visitor, "/unlock").form("Send a code").values()["csrf_token"]
    sent = {"csrf_token": proof, "tx": kept.query["tx"]}
    assert visitor.send("POST", f"{ISSUER}/unlock/confirm", sent).status == 410
    assert ("unlock.completed", "failure") in events(ctx)
    assert details(ctx, "unlock.completed") == [{"method": "link"}]


def test_LX_04_tries_against_a_locked_factor_are_recorded(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    waiting = enter_password(open_visitor(), person)
    second = enter_password(open_visitor(), person)
    for _ in range(10):
        second.submit({"code": "000000"}, button="Continue")
    waiting.submit({"code": person.app.code()}, button="Continue")
    assert events(ctx).count(("mfa.failed", "failure")) == 10
    assert events(ctx).count(("mfa.failed", "denied")) == 1


def test_LG_07_failures_over_all_beyond_their_limit_are_a_warning_in_the_log(
    visitor: Visitor, ctx: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(1000):
        hit(ctx, LimitName.SIGN_IN_FAILURES)
    assert "beyond their limit" not in capsys.readouterr().err
    try_password(visitor, "nobody9", WRONG)
    assert "sign-in failures over all beyond their limit" in capsys.readouterr().err
