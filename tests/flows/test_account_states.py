"""The table of states (accounts.md section 4): what each answers a right and a wrong password."""

import pytest
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.people.accounts.rules import STATES
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.losing import change
from tests.flows.signing_in import (
    PASSWORD,
    WRONG,
    Person,
    add_newcomer,
    add_person,
    code_in,
    is_signed_in,
    open_page,
    try_password,
)
from tests.flows.test_sign_in import assert_same_answer
from tests.parts.browserless import Answer

# What a right password leads to. The generic error is said to all others, as to a wrong one.
_LEADS_TO = {"pending_mfa": "/mfa/enroll", "active": "/sign-in/mfa"}
_NAMES = ("rosario", "rosario@example.org")
_UNKNOWN = "nobody99"
_ROWS = ("attempt_counter", "audit_event", "session", "known_browser")


def person_in(ctx: Context, clock: FixedClock, state: str) -> Person:
    """Keep somebody whose account is in a state."""
    if state == "pending_mfa":
        return add_newcomer(ctx, clock)
    person = add_person(ctx, clock)
    change(ctx, person, state=state, archived_at=clock.now() if state == "archived" else None)
    return person


@pytest.mark.parametrize("typed", _NAMES)
@pytest.mark.parametrize("state", STATES)
def test_the_right_password_leads_on_where_the_state_allows_it(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, state: str, typed: str
) -> None:
    person_in(ctx, clock, state)
    visitor = open_visitor()
    answer = try_password(visitor, typed, PASSWORD)
    if state in _LEADS_TO:
        assert answer.path == _LEADS_TO[state]
    else:
        _assert_generic(open_visitor, answer, typed)
    assert not is_signed_in(visitor)


@pytest.mark.parametrize("typed", _NAMES)
@pytest.mark.parametrize("state", STATES)
def test_LG_08_a_wrong_password_is_answered_alike_in_every_state(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, state: str, typed: str
) -> None:
    person_in(ctx, clock, state)
    answer = try_password(open_visitor(), typed, WRONG)
    _assert_generic(open_visitor, answer, typed)


@pytest.mark.parametrize("password", [PASSWORD, WRONG])
@pytest.mark.parametrize("state", STATES)
def test_LG_08_a_try_writes_the_same_rows_whatever_the_state(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, state: str, password: str
) -> None:
    person_in(ctx, clock, state)
    if password == PASSWORD and state in _LEADS_TO:
        return  # a right password that leads on is told anyway
    written = []
    for typed in ("rosario", _UNKNOWN):
        before = _rows(ctx)
        try_password(open_visitor(), typed, password)
        written.append([new - old for new, old in zip(_rows(ctx), before, strict=True)])
    assert written[0] == written[1]


@pytest.mark.parametrize("state", STATES)
def test_LG_08_every_state_locks_like_a_name_that_nobody_has(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, state: str
) -> None:
    person_in(ctx, clock, state)
    for _ in range(5):
        try_password(open_visitor(), "rosario", WRONG)
        try_password(open_visitor(), _UNKNOWN, WRONG)
    locked = try_password(open_visitor(), "rosario", PASSWORD)
    unknown = try_password(open_visitor(), _UNKNOWN, PASSWORD)
    assert "Too many tries with this sign-in name." in locked.text
    assert_same_answer(locked, unknown, "rosario", _UNKNOWN)


@pytest.mark.parametrize("state", ["invited", "suspended", "archived", "closed"])
@pytest.mark.parametrize("path", ["/unlock", "/forgot-password"])
def test_RC_11_a_state_without_sign_in_asks_for_codes_in_vain_and_like_nobody(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail, state: str,
    path: str,
) -> None:  # fmt: skip
    person = person_in(ctx, clock, state)
    asked, unknown = (
        open_page(open_visitor(), path).submit({"username": typed})
        for typed in ("rosario", _UNKNOWN)
    )
    assert_same_answer(asked, unknown, "rosario", _UNKNOWN)
    # An archived account's owner is told how it comes back; nobody else is told anything.
    is_told = (state, path) == ("archived", "/forgot-password")
    wanted = ["Bring your account back"] if is_told else []
    assert [mail.subject for mail in read_mail(person.email)] == wanted


@pytest.mark.parametrize("state", ["suspended", "archived", "closed"])
def test_UI_01_what_was_half_way_ends_with_the_state(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail, state: str
) -> None:
    person = add_person(ctx, clock)
    visitor, other = open_visitor(), open_visitor()
    half = try_password(visitor, person.username, person.password)
    asked = open_page(other, "/forgot-password").submit({"username": person.username})
    code = code_in(read_mail(person.email)[0])
    change(ctx, person, state=state)
    assert half.submit({"code": person.app.code()}, button="Continue").path == "/sign-in"
    assert not is_signed_in(visitor)
    refused = asked.submit({"code": code}, button="Continue")
    assert "That code does not work." in refused.text


def _assert_generic(open_visitor: OpenVisitor, answer: Answer, typed: str) -> None:
    unknown = try_password(open_visitor(), _UNKNOWN, WRONG)
    assert (answer.status, answer.path) == (422, "/sign-in")
    assert_same_answer(answer, unknown, typed, _UNKNOWN)


def _rows(ctx: Context) -> list[int]:
    """Count what a try writes."""
    ctx.db.rollback()
    counts = (ctx.db.scalar(text(f"SELECT count(*) FROM {name}")) for name in _ROWS)  # noqa: S608
    return [int(count or 0) for count in counts]
