"""What somebody typed when it could not be taken: kept for its owner, and for nobody else."""

import pytest
from flask import Flask
from sqlalchemy import text

from idp.cli.work import forget_old
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.sessions import service as sessions
from idp.web.drafts import service as drafts
from idp.web.drafts.service import Draft
from tests.flows.conftest import OpenVisitor
from tests.flows.notes_page import NOTES, SECURED, add_pages
from tests.flows.signing_in import (
    Person,
    add_person,
    cookie,
    open_page,
    sign_in,
    sign_out,
    use_cookie,
)
from tests.parts.application import ISSUER
from tests.parts.browserless import Answer, Visitor

TYPED = {"name": "Rosa María", "password": "Not to be kept 1", "code": "123456", "y": "y"}
KEPT = "We kept what you typed"


@pytest.fixture
def saved(app: Flask) -> list[str]:
    """What the pages took, in their order."""
    return add_pages(app)


@pytest.fixture
def person(saved: list[str], ctx: Context, clock: FixedClock) -> Person:
    """Somebody who signs in."""
    return add_person(ctx, clock)


@pytest.fixture
def late(visitor: Visitor, person: Person, clock: FixedClock) -> Answer:
    """The page that answers a form that was sent a second too late."""
    sign_in(visitor, person)
    form = open_page(visitor, NOTES)
    clock.advance(900)
    return form.submit(TYPED, button="Save")


def rows(ctx: Context) -> list[str]:
    """Return what is kept, as it stands in the database."""
    ctx.db.rollback()
    return list(ctx.db.scalars(text("SELECT fields_sealed FROM kept_form")))


def go_on(late: Answer, person: Person) -> Answer:
    """Type the password that the page asks for."""
    return late.submit({"password": person.password}, button="Go on")


def field(answer: Answer, name: str) -> str:
    """Return what stands in a field of the page's form."""
    return answer.form("Save").values().get(name, "")


def test_SE_02_a_form_that_came_too_late_is_shown_again_as_it_was_typed(
    late: Answer, person: Person, saved: list[str]
) -> None:
    assert late.path == "/session/resume"
    again = go_on(late, person)
    assert (again.path, saved) == (NOTES, [])
    assert KEPT in again.text
    assert field(again, "name") == "Rosa María"
    assert again.submit(button="Save").path == NOTES
    assert saved == ["Rosa María"]


def test_passwords_and_codes_are_never_kept(late: Answer, person: Person, ctx: Context) -> None:
    again = go_on(late, person)
    assert (field(again, "password"), field(again, "code")) == ("", "")
    draft = drafts.find(ctx, person.id, NOTES)
    assert draft
    assert set(draft.fields) == {"name", "y"}


def test_what_is_kept_cannot_be_read_in_the_database(late: Answer, ctx: Context) -> None:
    assert late.path == "/session/resume"
    (sealed,) = rows(ctx)
    assert "Rosa" not in sealed


def test_a_box_that_was_not_ticked_stays_so(
    visitor: Visitor, person: Person, clock: FixedClock
) -> None:
    sign_in(visitor, person)
    form = open_page(visitor, NOTES).form("Save").values()
    clock.advance(900)
    sent = {name: value for name, value in form.items() if name != "y"}
    late = visitor.send("POST", f"{ISSUER}{NOTES}", {**sent, "name": "Ana"})
    again = go_on(late, person)
    assert "y" not in again.form("Save").values()


def test_it_is_gone_once_the_form_is_sent(
    late: Answer, person: Person, visitor: Visitor, ctx: Context
) -> None:
    go_on(late, person).submit(button="Save")
    assert rows(ctx) == []
    assert KEPT not in open_page(visitor, NOTES).text


def test_it_waits_while_the_person_looks_elsewhere(
    late: Answer, person: Person, visitor: Visitor
) -> None:
    go_on(late, person)
    assert KEPT not in open_page(visitor, "/account").text
    assert KEPT in open_page(visitor, NOTES).text


def test_it_can_be_discarded(late: Answer, person: Person, visitor: Visitor, ctx: Context) -> None:
    discarded = go_on(late, person).submit(button="Discard what was kept")
    assert discarded.path == NOTES
    assert KEPT not in discarded.text
    assert field(discarded, "name") == "as it was"
    assert rows(ctx) == []


def test_it_is_over_after_twelve_hours(
    late: Answer, person: Person, ctx: Context, clock: FixedClock
) -> None:
    assert late.path == "/session/resume"
    clock.advance(43_199)
    assert drafts.find(ctx, person.id, NOTES)
    clock.advance(1)
    assert drafts.find(ctx, person.id, NOTES) is None
    forget_old(ctx)
    assert rows(ctx) == []


def test_it_is_there_after_a_whole_sign_in_as_well(
    visitor: Visitor, person: Person, clock: FixedClock, late: Answer
) -> None:
    clock.advance(60)
    factor = late.click("Sign in as somebody else").submit(
        {"username": person.username, "password": person.password}
    )
    again = factor.submit({"code": person.app.code()}, button="Continue")
    assert field(again, "name") == "Rosa María"


def test_somebody_else_at_the_same_browser_never_sees_it(
    late: Answer, ctx: Context, clock: FixedClock
) -> None:
    other = add_person(ctx, clock, "benito")
    factor = late.click("Sign in as somebody else").submit(
        {"username": other.username, "password": other.password}
    )
    page_of_other = factor.submit({"code": other.app.code()}, button="Continue")
    assert page_of_other.path == NOTES
    assert KEPT not in page_of_other.text
    assert "Rosa" not in page_of_other.response.text
    assert len(rows(ctx)) == 1


@pytest.mark.parametrize("column", ["account_id", "path"])
def test_a_row_that_was_moved_opens_for_nobody(
    column: str, late: Answer, ctx: Context, clock: FixedClock
) -> None:
    assert late.path == "/session/resume"
    other = add_person(ctx, clock, "benito")
    moved = {"account_id": other.id, "path": "/account"}[column]
    with writing(ctx.db):
        ctx.db.execute(text(f"UPDATE kept_form SET {column} = :moved"), {"moved": moved})  # noqa: S608
    owner = ctx.db.scalar(text("SELECT account_id FROM kept_form"))
    path = ctx.db.scalar(text("SELECT path FROM kept_form"))
    assert drafts.find(ctx, owner, path) is None


def test_only_a_browser_whose_session_time_ended_keeps_anything(
    visitor: Visitor, person: Person, ctx: Context
) -> None:
    sign_in(visitor, person)
    form, old = open_page(visitor, NOTES), cookie(visitor)
    sign_out(visitor)
    use_cookie(visitor, old)
    assert form.submit(TYPED, button="Save").path == "/sign-in"
    assert rows(ctx) == []


def test_after_a_new_password_elsewhere_nothing_is_kept(
    visitor: Visitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    sign_in(visitor, person)
    form = open_page(visitor, NOTES)
    clock.advance(900)
    with writing(ctx.db):
        sessions.end_all(ctx, person.id, "password_reset")
    form.submit(TYPED, button="Save")
    assert rows(ctx) == []


def test_SE_08_a_forged_form_keeps_nothing(
    visitor: Visitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    sign_in(visitor, person)
    clock.advance(900)
    for path in (NOTES, "/session/keep"):
        sent = {"name": "forged", "kept_for": NOTES, "csrf_token": "forged"}
        assert visitor.send("POST", f"{ISSUER}{path}", sent).status == 403
    assert rows(ctx) == []


def test_a_form_that_needs_a_factor_first_is_kept_meanwhile(
    visitor: Visitor, person: Person, clock: FixedClock, saved: list[str]
) -> None:
    sign_in(visitor, person)
    form = open_page(visitor, SECURED)
    for _ in range(2):
        clock.advance(600)
        open_page(visitor, "/account")
    step_up = form.submit(TYPED, button="Save")
    assert step_up.heading == "Confirm that it is you"
    factor = step_up.submit({"username": person.username, "password": person.password})
    again = factor.submit({"code": person.app.code()}, button="Continue")
    assert (again.path, field(again, "name"), saved) == (SECURED, "Rosa María", [])


def test_what_no_form_of_the_page_takes_can_be_read(
    visitor: Visitor, person: Person, ctx: Context
) -> None:
    sign_in(visitor, person)
    draft = Draft("/account", "/account/elsewhere", {"note": "What I wrote <b>", "empty": ""})
    with writing(ctx.db):
        drafts.keep(ctx, person.id, draft)
    shown = open_page(visitor, "/account")
    assert "This is what you typed: What I wrote <b>" in " ".join(shown.text.split())
    assert "What I wrote <b>" not in shown.response.text


def test_what_is_too_long_or_empty_is_not_kept(ctx: Context, person: Person) -> None:
    with writing(ctx.db):
        assert not drafts.keep(ctx, person.id, Draft(NOTES, NOTES, {"name": "x" * 20_000}))
        assert not drafts.keep(ctx, person.id, Draft(NOTES, NOTES, {"name": "  ", "code": "1"}))
        assert not drafts.keep(ctx, person.id, Draft("/" + "x" * 200, NOTES, {"name": "x"}))


def test_of_one_person_the_newest_five_are_kept(
    ctx: Context, person: Person, clock: FixedClock
) -> None:
    for number in range(7):
        clock.advance(1)
        with writing(ctx.db):
            drafts.keep(ctx, person.id, Draft(f"/page{number}", NOTES, {"name": "x"}))
    found = [drafts.find(ctx, person.id, f"/page{number}") is not None for number in range(7)]
    assert found == [False, False, True, True, True, True, True]


def test_a_page_left_open_hands_over_what_stands_in_it(
    visitor: Visitor, person: Person, clock: FixedClock, saved: list[str], ctx: Context
) -> None:
    """What the page's script does before it leaves: nothing is acted upon."""
    sign_in(visitor, person)
    form = open_page(visitor, NOTES).form("Save").values()
    sent = {**form, **TYPED, "kept_for": NOTES}
    early = visitor.send("POST", f"{ISSUER}/session/keep", sent)
    assert early.response.json() == {"kept": False}
    clock.advance(900)
    assert visitor.send("POST", f"{ISSUER}/session/keep", sent).response.json() == {"kept": True}
    again = go_on(open_page(visitor, NOTES), person)
    assert (field(again, "name"), saved) == ("Rosa María", [])
    foreign = {**sent, "kept_for": "https://evil.example/"}
    visitor.send("POST", f"{ISSUER}/session/keep", foreign)
    assert len(rows(ctx)) == 1


def test_the_notice_speaks_spanish(late: Answer, person: Person, visitor: Visitor) -> None:
    go_on(late, person)
    assert "Guardamos lo que escribió" in open_page(visitor, f"{NOTES}?lang=es").text


def test_a_stranger_keeps_nothing(open_visitor: OpenVisitor, person: Person, ctx: Context) -> None:
    stranger = open_visitor()
    token = open_page(stranger, "/sign-in").forms[0].values()["csrf_token"]
    sent = {"csrf_token": token, "name": "x", "kept_for": NOTES}
    answer = stranger.send("POST", f"{ISSUER}/session/keep", sent)
    assert answer.response.json() == {"kept": False}
    assert rows(ctx) == []
