"""How long a session lives, who is told, and how it ends."""

from datetime import timedelta
from unittest.mock import ANY

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.outbox import service as outbox
from idp.people.accounts import service as accounts
from idp.people.sessions import service as sessions
from tests.flows.conftest import OpenVisitor
from tests.flows.signing_in import (
    Person,
    add_person,
    cookie,
    is_signed_in,
    open_page,
    set_state,
    sign_in,
    sign_out,
    use_cookie,
)
from tests.parts.application import ISSUER
from tests.parts.browserless import Visitor


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody who signs in."""
    return add_person(ctx, clock)


def seconds_left(visitor: Visitor) -> int:
    """Ask the provider how long the session lives."""
    return int(open_page(visitor, "/session/status").response.json()["seconds_left"])


def _sub(ctx: Context, person: Person) -> str:
    account = accounts.get(ctx, person.id)
    assert account
    return account.sub


def test_SE_02_a_session_lives_at_14_59_and_not_at_15_00(
    visitor: Visitor, person: Person, clock: FixedClock
) -> None:
    sign_in(visitor, person)
    clock.advance(899)
    assert open_page(visitor, "/account").path == "/account"
    clock.advance(900)
    assert open_page(visitor, "/account").path == "/session/resume"


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pauses=st.lists(st.floats(0, 899.99), max_size=4), last=st.floats(0, 1800))
def test_SE_02_the_last_action_alone_decides_at_any_moment(
    pauses: list[float], last: float, app: Flask, person: Person, clock: FixedClock
) -> None:
    visitor = Visitor({ISSUER: app})
    clock.advance(60)  # another code of the app
    sign_in(visitor, person)
    for pause in pauses:
        clock.advance(pause)
        assert open_page(visitor, "/account").path == "/account"
    acted_at = clock.now()
    clock.advance(last)
    is_alive = clock.now() - acted_at < timedelta(seconds=900)
    assert is_signed_in(visitor) is is_alive
    assert (open_page(visitor, "/account").path == "/account") is is_alive
    visitor.close()


def test_asking_for_the_time_left_does_not_extend_it(
    visitor: Visitor, person: Person, clock: FixedClock
) -> None:
    sign_in(visitor, person)
    for passed in range(100, 900, 100):
        clock.advance(100)
        assert seconds_left(visitor) == 900 - passed
        assert open_page(visitor, "/session/ended").heading == "You are still signed in"
    clock.advance(100)
    assert seconds_left(visitor) == 0
    assert not is_signed_in(visitor)


def test_saying_stay_extends_the_session(
    visitor: Visitor, person: Person, clock: FixedClock, ctx: Context
) -> None:
    page = sign_in(visitor, person)
    clock.advance(800)
    token = page.forms[0].values()["csrf_token"]
    stayed = visitor.send("POST", f"{ISSUER}/session/stay", {"csrf_token": token})
    assert stayed.response.json() == {
        "active": True,
        "seconds_left": 900,
        "idle_seconds": 900,
        "overall_seconds": 43200 - 800,
        "owner": _sub(ctx, person),
        "csrf_token": ANY,
    }
    clock.advance(899)
    assert is_signed_in(visitor)


def test_saying_stay_after_the_end_revives_nothing(
    visitor: Visitor, person: Person, clock: FixedClock
) -> None:
    page = sign_in(visitor, person)
    clock.advance(900)
    token = page.forms[0].values()["csrf_token"]
    stayed = visitor.send("POST", f"{ISSUER}/session/stay", {"csrf_token": token})
    assert stayed.response.json()["active"] is False
    assert not is_signed_in(visitor)


def test_nobody_signed_in_has_no_time_left(visitor: Visitor) -> None:
    answer = open_page(visitor, "/session/status")
    assert answer.status == 200
    assert answer.response.json()["active"] is False
    assert "set-cookie" not in answer.response.headers


def test_SE_04_twelve_hours_end_a_session_however_active(
    visitor: Visitor, person: Person, clock: FixedClock
) -> None:
    sign_in(visitor, person)
    for _ in range(54):
        clock.advance(799)
        assert open_page(visitor, "/account").path == "/account"
    assert seconds_left(visitor) == 43200 - 54 * 799
    clock.advance(43200 - 54 * 799)
    assert open_page(visitor, "/account").path == "/sign-in"


def test_after_the_end_the_page_says_why(visitor: Visitor) -> None:
    page = open_page(visitor, "/session/ended")
    assert page.heading == "You were signed out to protect your information"
    assert page.click("Sign in again").path == "/sign-in"


def test_a_page_without_a_form_leaves_by_itself_when_the_session_is_over(
    visitor: Visitor, person: Person, clock: FixedClock
) -> None:
    page = sign_in(visitor, person)
    refresh = [one for one in page.document.all("meta") if one.get("http-equiv") == "refresh"]
    assert [one.get("content") for one in refresh] == ["901;url=/session/ended?back=/account"]
    clock.advance(901)
    assert open_page(visitor, "/session/ended").heading.startswith("You were signed out")


def test_signing_out_asks_first_and_ends_the_session_everywhere_at_once(
    visitor: Visitor, person: Person, clock: FixedClock
) -> None:
    sign_in(visitor, person)
    old = cookie(visitor)
    assert open_page(visitor, "/sign-out").heading == "Sign out?"
    assert is_signed_in(visitor)
    assert sign_out(visitor).heading == "You are signed out"
    assert not is_signed_in(visitor)
    use_cookie(visitor, old)
    assert open_page(visitor, "/account").path == "/sign-in"


def test_signing_out_tells_every_application_that_takes_part(
    visitor: Visitor, person: Person, ctx: Context
) -> None:
    sign_in(visitor, person)
    session = sessions.find_current(ctx, cookie(visitor))
    assert session
    with writing(ctx.db):
        for client in ("provider-portal", "recipient-portal"):
            sessions.attach_client(ctx, session.id, client)
    sign_out(visitor)
    kinds = [sessions.LOGOUT_NOTICE]
    notices = []
    while row := outbox.claim(ctx, kinds, "test"):
        notices.append(outbox.opened(ctx, row).payload)
    assert {notice["client_id"] for notice in notices} == {"provider-portal", "recipient-portal"}
    assert {notice["sid"] for notice in notices} == {session.sid}


def test_signing_out_twice_is_no_error(visitor: Visitor) -> None:
    assert open_page(visitor, "/sign-out").heading == "You are signed out"


def test_a_suspended_persons_session_is_dead_at_once(
    visitor: Visitor, person: Person, ctx: Context
) -> None:
    sign_in(visitor, person)
    set_state(ctx, person, "suspended")
    assert not is_signed_in(visitor)
    assert open_page(visitor, "/account").path == "/sign-in"


def test_somebody_else_who_signs_in_replaces_the_session(
    visitor: Visitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    second = add_person(ctx, clock, "benito")
    page = open_page(visitor, "/sign-in")
    sign_in(visitor, person)
    old = cookie(visitor)
    stale = page.submit({"username": second.username, "password": second.password})
    assert stale.status == 403
    sign_out(visitor)
    assert "benito" in sign_in(visitor, second).text
    use_cookie(visitor, old)
    assert not is_signed_in(visitor)


@pytest.mark.parametrize("path", ["/", "/sign-in", "/unlock", "/session/ended"])
def test_looking_at_a_public_page_keeps_nothing(
    path: str, open_visitor: OpenVisitor, ctx: Context
) -> None:
    open_page(open_visitor(), path)
    kept = ctx.db.scalar(text("SELECT count(*) FROM flow_transaction"))
    assert kept == 0


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"Sec-Purpose": "prefetch"}),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"Purpose": "prefetch"}),
    ],
)
def test_SE_02_what_a_program_fetches_on_its_own_is_no_action(
    method: str, headers: dict[str, str], visitor: Visitor, person: Person, clock: FixedClock
) -> None:
    sign_in(visitor, person)
    clock.advance(600)
    visitor.client.request(method, f"{ISSUER}/account", headers=headers)
    assert seconds_left(visitor) == 300
    visitor.client.get(f"{ISSUER}/account")
    assert seconds_left(visitor) == 900
