"""Signing in with a password and a code."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from idp.app import create_app
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.settings import Settings
from tests.flows.conftest import OpenVisitor
from tests.flows.signing_in import (
    PASSWORD,
    WRONG,
    add_newcomer,
    add_person,
    cookie,
    enter_password,
    fail_often,
    is_signed_in,
    open_page,
    sign_in,
    try_password,
    use_cookie,
)
from tests.parts.application import ISSUER, on_both_databases
from tests.parts.browserless import Answer, Visitor
from tests.parts.fixtures import OpenBrowserless

_FAILED = "That username or password is not right."
_LOCKED = "Too many tries with this sign-in name."


def test_a_person_signs_in_with_password_and_code(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    asked = enter_password(visitor, person)
    assert asked.heading == "Enter the code from your app"
    assert not is_signed_in(visitor)
    account = asked.submit({"code": person.app.code()}, button="Continue")
    assert account.path == "/account"
    assert "rosario" in account.text
    assert is_signed_in(visitor)


@pytest.mark.parametrize(
    "typed",
    [
        "rosario",
        " ROSARIO ",
        "rosario@example.org",
        "Rosario@Example.org",
        "rosario@state.example.org",
    ],
)
def test_every_form_of_the_name_signs_in(
    typed: str, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    add_person(ctx, clock)
    assert try_password(visitor, typed, PASSWORD).path == "/sign-in/mfa"


def test_empty_fields_are_named_and_nothing_is_counted(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    for _ in range(7):
        page = try_password(visitor, "", "")
    assert page.status == 422
    assert "Enter your username or email address." in page.text
    assert "Enter your password." in page.text
    assert enter_password(visitor, person).path == "/sign-in/mfa"


@pytest.mark.parametrize("state", ["suspended", "archived", "closed", "invited"])
def test_LG_08_whoever_may_not_sign_in_reads_the_text_of_a_wrong_password(
    state: str, open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock, state=state)
    refused = try_password(open_visitor(), person.username, person.password)
    unknown = try_password(open_visitor(), "nobody99", PASSWORD)
    assert _FAILED in refused.text
    assert_same_answer(refused, unknown, "rosario", "nobody99")


def test_LG_08_unknown_and_known_names_get_the_same_pages_up_to_the_lock(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    add_person(ctx, clock)
    known, unknown = open_visitor(), open_visitor()
    for number in range(1, 8):
        of_known = try_password(known, "rosario", WRONG)
        of_unknown = try_password(unknown, "nobody99", WRONG)
        assert_same_answer(of_known, of_unknown, "rosario", "nobody99")
        assert (_LOCKED in of_known.text) is (number > 5)


def test_LG_01_a_locked_name_refuses_the_right_password_until_the_time_it_tells(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    fail_often(visitor, person.username, 5)
    locked = enter_password(visitor, person)
    assert "Wait until 12:00" in locked.text.replace("\u202f", " ")
    clock.advance(7199)
    assert _LOCKED in enter_password(visitor, person).text
    clock.advance(1)
    assert enter_password(visitor, person).path == "/sign-in/mfa"


@on_both_databases
def test_LG_01_of_many_tries_at_once_five_are_looked_at(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    pages = [open_page(open_visitor(), "/sign-in") for _ in range(9)]
    tried = {"username": person.username, "password": WRONG}
    with ThreadPoolExecutor(9) as pool:
        answers = list(pool.map(lambda page: page.submit(tried), pages))
    assert sum(_FAILED in answer.text for answer in answers) == 5
    assert sum(_LOCKED in answer.text for answer in answers) == 4


def test_locking_by_email_says_nothing_about_the_username(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    fail_often(open_visitor(), person.email, 5)
    assert _LOCKED in try_password(open_visitor(), person.email, WRONG).text
    by_name = try_password(open_visitor(), person.username, person.password)
    unknown = try_password(open_visitor(), "nobody99", person.password)
    assert _FAILED in by_name.text
    assert_same_answer(by_name, unknown, "rosario", "nobody99")


def test_a_person_is_locked_by_tries_over_both_names_together(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    fail_often(visitor, person.email, 3)
    fail_often(visitor, person.username, 2)
    refused = enter_password(visitor, person)
    assert refused.status == 422
    assert _FAILED in refused.text


def test_tries_that_lie_fifteen_minutes_back_no_longer_count(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    fail_often(visitor, person.username, 4)
    clock.advance(900)
    fail_often(visitor, person.username, 4)
    assert enter_password(visitor, person).path == "/sign-in/mfa"


def test_a_right_password_clears_the_count(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    for _ in range(3):
        fail_often(visitor, person.username, 4)
        assert enter_password(visitor, person).path == "/sign-in/mfa"


def test_LG_07_one_guesser_at_one_name_is_slowed_for_a_minute(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    statuses = [try_password(visitor, "nobody99", WRONG).status for _ in range(16)]
    assert statuses[14:] == [422, 429]
    slowed = try_password(visitor, "nobody99", WRONG)
    assert slowed.response.headers["Retry-After"] == "60"
    clock.advance(120)
    assert try_password(visitor, "nobody99", WRONG).status == 422


def test_SE_01_the_cookie_changes_when_the_password_is_right_and_when_the_session_opens(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    open_page(visitor, "/sign-in")
    seen = [cookie(visitor)]
    asked = enter_password(visitor, person)
    seen.append(cookie(visitor))
    asked.submit({"code": person.app.code()}, button="Continue")
    seen.append(cookie(visitor))
    assert len(set(seen)) == 3
    for old in seen[:2]:
        use_cookie(visitor, old)
        assert not is_signed_in(visitor)


def test_who_is_signed_in_goes_on_to_the_account(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    sign_in(visitor, add_person(ctx, clock))
    assert open_page(visitor, "/sign-in").path == "/account"
    assert open_page(visitor, "/").path == "/account"


def test_a_page_that_asks_for_sign_in_is_reached_after_it(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    page = open_page(visitor, "/account/security")
    assert page.path == "/sign-in"
    code = page.submit({"username": person.username, "password": person.password})
    reached = code.submit({"code": person.app.code()}, button="Continue")
    assert reached.path == "/account/security"


@pytest.mark.parametrize("query", ["a=\\", "a=\\\\evil.example", "a=%5C"])
def test_RG_10_a_query_that_no_redirect_may_carry_is_left_out(
    query: str, app: Flask, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person, client = add_person(ctx, clock), app.test_client()
    open_page(visitor, "/sign-in")
    client.set_cookie("idp", cookie(visitor))
    begun = client.get("/account/security", environ_overrides={"QUERY_STRING": query})
    page = visitor.open(f"{ISSUER}{begun.location}")
    code = page.submit({"username": person.username, "password": person.password})
    reached = code.submit({"code": person.app.code()}, button="Continue")
    assert (reached.status, reached.path) == (200, "/account/security")


def test_a_tab_that_waited_too_long_begins_again(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    asked = enter_password(visitor, person)
    clock.advance(900)
    stale = asked.submit({"code": person.app.code()}, button="Continue")
    assert stale.status == 410
    assert stale.click("Begin again").path == "/sign-in"


def test_the_transaction_of_another_browser_is_worth_nothing(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    asked = enter_password(open_visitor(), add_person(ctx, clock))
    stolen = open_visitor().open(asked.url)
    assert stolen.status == 410


def test_a_newcomer_is_led_to_enrolment(visitor: Visitor, ctx: Context, clock: FixedClock) -> None:
    assert enter_password(visitor, add_newcomer(ctx, clock)).path == "/mfa/enroll"


def test_the_pages_speak_spanish(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    page = try_password(open_visitor("es"), "nobody99", WRONG)
    assert page.heading == "Iniciar sesión"
    assert "El nombre de usuario o la contraseña no son correctos." in page.text


def assert_same_answer(one: Answer, other: Answer, typed: str, other_typed: str) -> None:
    """Same status, headers and bytes, but for what was typed and what is random."""
    assert one.status == other.status
    assert _shape(one) == _shape(other)
    assert _blanked(one, typed) == _blanked(other, other_typed)


def _shape(answer: Answer) -> list[tuple[str, str]]:
    changing = {"x-request-id", "set-cookie", "content-length"}
    return [(k, v) for k, v in answer.response.headers.items() if k not in changing]


def _blanked(answer: Answer, typed: str) -> str:
    text = re.sub(r'name="csrf_token"( type="hidden")? value="[^"]+"', "CSRF", answer.response.text)
    text = re.sub(r"(tx=|name=\"tx\" value=\")[A-Za-z0-9_-]{43}", "TX", text)
    return text.replace(typed, "TYPED")


@pytest.mark.parametrize(
    ("zone", "wanted"), [("America/New_York", "12:00 PM EST"), ("America/Denver", "10:00 AM MST")]
)
def test_LG_05_the_time_to_wait_for_is_told_with_its_zone(
    zone: str, wanted: str, settings: Settings, clock: FixedClock, browserless: OpenBrowserless
) -> None:
    brand = settings.brand.model_copy(update={"time_zone": zone})
    app = create_app(settings.model_copy(update={"brand": brand}), clock)
    page = fail_often(browserless({ISSUER: app}), "nobody9", 6)
    assert f"Wait until {wanted}" in page.text.replace("\u202f", " ")
    spanish = try_password(browserless({ISSUER: app}, "es"), "nobody9", WRONG)
    assert wanted.rpartition(" ")[2] in spanish.text


def test_LG_08_a_failed_sign_in_names_a_way_that_exists(visitor: Visitor) -> None:
    page = try_password(visitor, "nobody9", WRONG)
    assert "or reset your password" in page.text
    assert page.click("Forgot your password?").heading == "Reset your password"
