"""Going on after a pause: fifteen idle minutes cost a password, and nothing more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from idp.cli.work import end_overdue_sessions
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import db, writing
from idp.people.credentials import passwords
from idp.people.sessions import resuming
from idp.people.sessions import service as sessions
from idp.people.sessions.service import CurrentSession
from tests.flows.conftest import OpenVisitor
from tests.flows.signing_in import (
    WRONG,
    Person,
    add_person,
    cookie,
    is_signed_in,
    open_page,
    set_state,
    sign_in,
    sign_out,
    try_password,
    use_cookie,
)
from tests.parts.application import ISSUER, on_both_databases
from tests.parts.browserless import Answer, Visitor

IDLE = 900
PAGE = "/account/applications"
HEADING = "You were signed out after 15 minutes"


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody who signs in."""
    return add_person(ctx, clock)


@pytest.fixture
def paused(visitor: Visitor, person: Person, clock: FixedClock) -> Visitor:
    """A browser whose person did nothing for fifteen minutes."""
    sign_in(visitor, person)
    clock.advance(IDLE)
    return visitor


def resume(visitor: Visitor, password: str, path: str = PAGE) -> Answer:
    """Open a page after the pause and type the password that it asks for."""
    asked = open_page(visitor, path)
    assert (asked.path, asked.heading) == ("/session/resume", HEADING)
    return asked.submit({"password": password}, button="Go on")


def found(ctx: Context, visitor: Visitor) -> CurrentSession:
    """Return the browser's session."""
    ctx.db.rollback()
    session = sessions.find_current(ctx, cookie(visitor))
    assert session
    return session


@on_both_databases
def test_SE_02_after_a_pause_the_password_alone_leads_back_to_the_page(
    paused: Visitor, person: Person
) -> None:
    asked = open_page(paused, f"{PAGE}?withdrawn=1")
    assert "ro••••••" in asked.text
    assert person.username not in asked.response.text
    gone_on = asked.submit({"password": person.password}, button="Go on")
    assert (gone_on.path, gone_on.query) == (PAGE, {"withdrawn": "1"})
    assert is_signed_in(paused)


def test_the_next_session_is_worth_what_the_former_was_and_ends_when_it_would_have(
    visitor: Visitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    sign_in(visitor, person)
    former, old = found(ctx, visitor), cookie(visitor)
    clock.advance(IDLE)
    resume(visitor, person.password)
    now = found(ctx, visitor)
    kept = ("amr", "acr", "auth_time", "factor_time", "overall_ends_at", "account_id")
    assert [getattr(now, name) for name in kept] == [getattr(former, name) for name in kept]
    assert now.sid != former.sid
    assert now.id != former.id
    assert cookie(visitor) != old


def test_SE_01_the_former_cookie_is_worth_nothing_afterwards(
    paused: Visitor, person: Person, open_visitor: OpenVisitor
) -> None:
    old = cookie(paused)
    resume(paused, person.password)
    thief = open_visitor()
    use_cookie(thief, old)
    assert open_page(thief, PAGE).path == "/sign-in"
    assert open_page(thief, "/session/ended").heading.startswith("You were signed out to protect")


def test_SE_04_going_on_again_and_again_ends_with_the_twelve_hours(
    paused: Visitor, person: Person, clock: FixedClock
) -> None:
    for _ in range(47):
        resume(paused, person.password)
        clock.advance(IDLE)
    assert not is_signed_in(paused)
    assert open_page(paused, PAGE).path == "/sign-in"
    ended = open_page(paused, f"/session/ended?back={PAGE}")
    assert ended.heading == "You were signed out to protect your information"


def test_the_worker_who_ended_the_session_first_changes_nothing(
    paused: Visitor, person: Person, ctx: Context
) -> None:
    end_overdue_sessions(ctx)
    assert resume(paused, person.password).path == PAGE


def test_applications_are_told_of_the_end_exactly_once(
    visitor: Visitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    sign_in(visitor, person)
    with writing(ctx.db):
        sessions.attach_client(ctx, found(ctx, visitor).id, "provider-portal")
    clock.advance(IDLE)
    resume(visitor, person.password)
    end_overdue_sessions(ctx)
    query = "SELECT count(*) FROM outbox WHERE kind = :kind"
    assert ctx.db.scalar(text(query), {"kind": sessions.LOGOUT_NOTICE}) == 1


@pytest.mark.parametrize("reason", ["sign_out", "suspended", "disavowed", "password_reset"])
def test_only_what_time_ended_goes_on_with_a_password(
    reason: str, paused: Visitor, person: Person, ctx: Context
) -> None:
    with writing(ctx.db):
        sessions.end_all(ctx, person.id, reason)  # type: ignore[arg-type]
    assert open_page(paused, PAGE).path == "/sign-in"


def test_what_ended_all_sessions_ends_a_pause_that_began_before(
    paused: Visitor, person: Person, ctx: Context
) -> None:
    asked = open_page(paused, PAGE)
    end_overdue_sessions(ctx)
    with writing(ctx.db):
        sessions.end_all(ctx, person.id, "password_reset")
    sent = asked.submit({"password": person.password}, button="Go on")
    assert sent.path == "/sign-in"
    assert not is_signed_in(paused)


def test_a_person_who_signed_out_is_asked_for_everything(visitor: Visitor, person: Person) -> None:
    sign_in(visitor, person)
    old = cookie(visitor)
    sign_out(visitor)
    use_cookie(visitor, old)
    assert open_page(visitor, PAGE).path == "/sign-in"


def test_AC_01_a_suspended_person_does_not_go_on(
    paused: Visitor, person: Person, ctx: Context
) -> None:
    asked = open_page(paused, PAGE)
    set_state(ctx, person, "suspended")
    assert asked.submit({"password": person.password}, button="Go on").path == "/sign-in"
    assert not is_signed_in(paused)


def test_a_password_that_must_be_reset_does_not_go_on(
    paused: Visitor, person: Person, ctx: Context
) -> None:
    with writing(ctx.db):
        passwords.require_reset(ctx, person.id)
    assert resume(paused, person.password).heading == "Choose a new password first"
    assert not is_signed_in(paused)


def test_a_wrong_password_says_so_and_the_page_stays(paused: Visitor, person: Person) -> None:
    refused = resume(paused, WRONG)
    assert (refused.status, refused.heading) == (422, HEADING)
    assert "That password is not right." in refused.text
    empty = refused.submit({"password": ""}, button="Go on")
    assert "Enter your password." in empty.text
    assert empty.submit({"password": person.password}, button="Go on").path == PAGE


def test_LG_01_tries_here_and_at_the_sign_in_page_are_counted_together(
    visitor: Visitor, person: Person, open_visitor: OpenVisitor, clock: FixedClock
) -> None:
    """In the recognised browser its lane has room for ten, wherever they are typed."""
    sign_in(visitor, person)
    clock.advance(IDLE)
    for _ in range(5):
        assert resume(visitor, WRONG).heading == HEADING
    for _ in range(5):
        try_password(visitor, person.username, WRONG)
    locked = resume(visitor, person.password)
    assert (locked.status, locked.heading) == (422, "Signing in is paused")
    assert not is_signed_in(visitor)


def test_somebody_elses_password_opens_nothing(
    paused: Visitor, ctx: Context, clock: FixedClock
) -> None:
    other = add_person(ctx, clock, "benito")
    with writing(ctx.db):
        passwords.set_hash(ctx, other.id, passwords.make_hash(ctx, "Quiet harbour 88 lamps"))
    assert resume(paused, "Quiet harbour 88 lamps").status == 422
    assert not is_signed_in(paused)


def test_another_browser_is_asked_for_everything(
    paused: Visitor, open_visitor: OpenVisitor
) -> None:
    assert open_page(paused, PAGE).path == "/session/resume"
    assert open_page(open_visitor(), PAGE).path == "/sign-in"
    assert open_page(open_visitor(), "/session/resume").path == "/sign-in"


def test_somebody_else_can_sign_in_instead_and_comes_to_the_page(
    paused: Visitor, ctx: Context, clock: FixedClock
) -> None:
    other = add_person(ctx, clock, "benito")
    page = open_page(paused, PAGE).click("Sign in as somebody else")
    assert (page.path, page.heading) == ("/sign-in", "Sign in")
    factor = page.submit({"username": other.username, "password": other.password})
    landed = factor.submit({"code": other.app.code()}, button="Continue")
    assert landed.path == PAGE
    assert "benito" in landed.text


def test_without_the_password_there_is_the_way_to_a_new_one(paused: Visitor) -> None:
    assert open_page(paused, PAGE).click("Reset my password").path == "/forgot-password"


def test_another_tab_that_went_on_is_enough(paused: Visitor, person: Person) -> None:
    first, second = open_page(paused, PAGE), open_page(paused, "/account")
    first.submit({"password": person.password}, button="Go on")
    assert paused.open(second.url).path == "/account"


def test_two_tabs_at_once_open_one_session(
    paused: Visitor, person: Person, open_visitor: OpenVisitor, ctx: Context
) -> None:
    """The second had sent the former cookie before the first one's answer arrived."""
    twin = open_visitor()
    use_cookie(twin, cookie(paused))
    here, there = open_page(paused, PAGE), open_page(twin, PAGE)
    here.submit({"password": person.password}, button="Go on")
    late = there.submit({"password": person.password}, button="Go on")
    assert late.path != PAGE
    assert not is_signed_in(twin)
    ctx.db.rollback()
    query = "SELECT count(*) FROM session WHERE ended_at IS NULL"
    assert ctx.db.scalar(text(query)) == 1


@on_both_databases
def test_of_two_at_the_same_moment_one_goes_on(
    paused: Visitor, app: Flask, parts: Parts, ctx: Context
) -> None:
    ended = resuming.find_paused(ctx, cookie(paused))
    assert ended
    with app.app_context():
        engine = db.engine

    def attempt(_number: int) -> bool:
        with Session(engine) as session, writing(session):
            return resuming.go_on(parts.context(session, Origin.system("test")), ended) is not None

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1


def test_the_end_page_leads_to_the_password_and_back(paused: Visitor, person: Person) -> None:
    asked = open_page(paused, f"/session/ended?back={PAGE}")
    assert (asked.path, asked.heading) == ("/session/resume", HEADING)
    assert asked.submit({"password": person.password}, button="Go on").path == PAGE


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/\\evil", "/nowhere", "", "javascript:x"]
)
def test_IN_07_going_on_leads_to_pages_of_ours_alone(
    back: str, paused: Visitor, person: Person
) -> None:
    asked = paused.send("GET", f"{ISSUER}/session/ended", {"back": back})
    gone_on = asked.submit({"password": person.password}, button="Go on")
    assert gone_on.url == f"{ISSUER}/account"


def test_MF_10_a_security_page_asks_for_everything_although_somebody_went_on(
    paused: Visitor, person: Person, clock: FixedClock
) -> None:
    clock.advance(600)
    resume(paused, person.password)
    asked = open_page(paused, "/account/security/password")
    assert (asked.path, asked.heading) == ("/sign-in", "Confirm that it is you")


def test_without_a_password_of_its_own_a_session_ends_as_before(
    visitor: Visitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    """Somebody signed in with a passkey alone: the ordinary page offers the passkey again."""
    sign_in(visitor, person)
    query = """UPDATE session SET amr = '["hwk", "user", "mfa"]'"""
    with writing(ctx.db):
        ctx.db.execute(text(query))
    clock.advance(IDLE)
    assert open_page(visitor, PAGE).path == "/sign-in"


def test_going_on_is_written_down(paused: Visitor, person: Person, ctx: Context) -> None:
    resume(paused, person.password)
    ctx.db.rollback()
    query = "SELECT event FROM audit_event WHERE subject_id = :id"
    events = ctx.db.scalars(text(query), {"id": person.id}).all()
    assert {"session.resumed", "session.ended", "session.started"} <= set(events)


def test_the_page_speaks_spanish(paused: Visitor) -> None:
    asked = open_page(paused, f"{PAGE}?lang=es")
    assert asked.heading == "Se cerró su sesión después de 15 minutos"


def test_the_moment_of_the_end_counts_to_the_second(
    visitor: Visitor, person: Person, clock: FixedClock
) -> None:
    sign_in(visitor, person)
    clock.advance(IDLE - 1)
    assert open_page(visitor, "/session/resume").path == "/account"
    clock.advance(IDLE)
    assert open_page(visitor, "/session/resume").heading == HEADING
    clock.advance(timedelta(hours=11, minutes=44).total_seconds())
    assert open_page(visitor, "/session/resume").path == "/sign-in"
