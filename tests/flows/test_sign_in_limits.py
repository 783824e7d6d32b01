"""Limits on signing in and on mails, each at its production value."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from idp.flows.registration import onward as registration
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import db
from idp.foundation.rate_limits.service import LimitName, hit, hit_all, is_within
from idp.people.credentials import password_check
from idp.web import rate_limits
from idp.web.mailed_codes import service as mailed_codes
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.signing_in import (
    WRONG,
    add_person,
    all_slots_taken,
    code_in,
    enter_password,
    open_page,
    try_password,
)
from tests.flows.test_sign_in import assert_same_answer
from tests.parts.application import on_both_databases
from tests.parts.browserless import Visitor

From = Callable[[str], Context]


@pytest.fixture
def come_from(app: Flask, parts: Parts) -> Iterator[From]:
    """Return the context of a request from an address."""
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield lambda ip: parts.context(session, Origin(ip=ip))


def allowed(ctx: Context, names: int, *, prefix: str = "name") -> int:
    """Return how many of so many different names one address may try."""
    return sum(password_check.is_allowed(ctx, f"{prefix}{number}") for number in range(names))


def test_LG_07_one_address_tries_three_hundred_names_in_a_minute(
    come_from: From, clock: FixedClock
) -> None:
    assert allowed(come_from("203.0.113.7"), 302) == 300
    assert password_check.is_allowed(come_from("203.0.113.8"), "somebody")
    clock.advance(120)
    assert password_check.is_allowed(come_from("203.0.113.7"), "somebody")


@pytest.mark.parametrize(
    ("addresses", "stranger"),
    [
        ([f"203.0.113.{host}" for host in (1, 2, 3)], "203.0.114.1"),
        ([f"2001:db8:1:{net}::1" for net in (1, 2, 3)], "2001:db8:2::1"),
    ],
)
def test_LG_07_one_network_tries_six_hundred_names_in_a_minute(
    addresses: list[str], stranger: str, come_from: From
) -> None:
    counts = [allowed(come_from(ip), 210, prefix=ip) for ip in addresses]
    assert counts == [210, 210, 180]
    assert password_check.is_allowed(come_from(stranger), "somebody")


def test_LG_07_beyond_a_thousand_failures_a_minute_every_address_is_slowed(
    come_from: From, clock: FixedClock
) -> None:
    for _ in range(1000):
        hit(come_from("198.51.100.1"), LimitName.SIGN_IN_FAILURES)
    assert allowed(come_from("203.0.113.7"), 30) == 15
    clock.advance(120)
    assert allowed(come_from("203.0.113.7"), 30) == 30


def test_RC_12_one_address_asks_for_a_hundred_mails_in_an_hour(
    come_from: From, clock: FixedClock
) -> None:
    ctx = come_from("203.0.113.7")
    assert sum(mailed_codes.is_allowed(ctx) for _ in range(101)) == 100
    assert mailed_codes.is_allowed(come_from("203.0.113.8"))
    clock.advance(7200)
    assert mailed_codes.is_allowed(ctx)


def test_LG_07_another_address_of_the_same_ipv6_line_is_no_other_asker(
    come_from: From, app: Flask
) -> None:
    addresses = [f"2001:db8:1:2::{number:x}" for number in range(101)]
    assert sum(mailed_codes.is_allowed(come_from(ip)) for ip in addresses) == 100
    assert sum(registration.is_allowed(come_from(ip)) for ip in addresses) == 100
    assert mailed_codes.is_allowed(come_from("2001:db8:1:3::1"))
    counted = set()
    for ip in addresses:
        with app.test_request_context("/sign-in", environ_base={"REMOTE_ADDR": ip}):
            counted.add(rate_limits._address())
    assert counted == {"2001:db8:1:2::/64"}


def test_LG_06_a_forged_forwarding_header_is_no_address_of_its_own(visitor: Visitor) -> None:
    page = try_password(visitor, "nobody99", WRONG)
    sent = page.form("Sign in").values() | {"username": "nobody99", "password": WRONG}
    statuses = []
    for number in range(16):
        headers = {"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"10.0.0.{number}"}
        statuses.append(visitor.client.post(page.url, data=sent, headers=headers).status_code)
    assert statuses[-1] == 429


def test_IN_06_when_every_hash_slot_is_taken_the_person_is_asked_to_come_back(
    visitor: Visitor, parts: Parts
) -> None:
    with all_slots_taken(parts):
        answer = try_password(visitor, "nobody99", WRONG)
    assert answer.status == 503
    assert answer.response.headers["Retry-After"] == "5"
    assert answer.heading == "We cannot answer right now"


def test_LG_05_after_a_hundred_failures_the_password_works_only_when_unlocked(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person, guesser = add_person(ctx, clock), open_visitor()
    for _ in range(101):
        known = try_password(guesser, person.username, WRONG)
        unknown = try_password(guesser, "nobody9", WRONG)
        clock.advance(901)
    assert_same_answer(known, unknown, person.username, "nobody9")
    clock.advance(30 * 86400)
    read_mail(person.email)  # the worker forgets old counters meanwhile
    locked = try_password(open_visitor(), person.username, person.password)
    assert "its password no longer works" in locked.text
    assert "Wait until" not in locked.text
    assert "ya no sirve" in try_password(open_visitor("es"), "nobody9", WRONG).text
    asked = open_page(guesser, "/unlock").submit({"username": "rosario"}, button="Send a code")
    asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Unlock")
    assert enter_password(open_visitor(), person).path == "/sign-in/mfa"


def test_LG_05_slow_guesses_at_one_person_are_counted_for_ever(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    for number in range(100):
        try_password(visitor, (person.username, person.email)[number % 2], WRONG)
        clock.advance(8 * 86400)
        if number % 10 == 0:
            read_mail(person.email)
    assert "That username or password is not right." in enter_password(visitor, person).text


def test_IN_06_tries_that_were_never_looked_at_lock_nobody(
    visitor: Visitor, parts: Parts, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    with all_slots_taken(parts):
        statuses = {try_password(visitor, person.username, WRONG).status for _ in range(5)}
    assert statuses == {503}
    assert enter_password(visitor, person).path == "/sign-in/mfa"


def test_LG_07_one_address_sends_three_thousand_forms_in_a_minute(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    page = open_page(visitor, "/unlock")
    page.submit({"username": ""})
    # The one row that counts so far is the address's; 2,997 more forms would take their time.
    counted = ctx.db.execute(text('UPDATE rate_limit_window SET "current" = "current" + 2997'))
    assert counted.rowcount == 1  # type: ignore[attr-defined]  # a CursorResult
    ctx.db.commit()
    assert [page.submit({"username": ""}).status for _ in range(3)] == [422, 422, 429]
    assert open_page(visitor, "/unlock").status == 200
    clock.advance(120)
    assert page.submit({"username": ""}).status == 422


@on_both_databases
def test_LG_07_tries_at_once_are_all_counted_in_whatever_order_they_name_their_limits(
    come_from: From,
) -> None:
    ctx = come_from("203.0.113.7")
    limits = [(LimitName.SIGN_IN_IP, "203.0.113.7"), (LimitName.SIGN_IN_NETWORK, "203.0.113.0/24")]
    orders = [limits, limits[::-1]] * 155
    with ThreadPoolExecutor(8) as pool:
        allowed_tries = sum(pool.map(lambda wanted: hit_all(ctx, wanted), orders))
    assert allowed_tries == 300
    assert not is_within(ctx, *limits[0])
    # A try that one limit refused was counted by the other all the same.
    assert sum(hit(ctx, *limits[1]) for _ in range(300)) == 600 - len(orders)
