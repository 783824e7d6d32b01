"""Browsers that completed a full sign-in: recognised, counted apart, told of when new."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from idp.app import create_app
from idp.cli.work import forget_old
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.rate_limits.service import LimitName, hit
from idp.people.browsers import service as browsers
from idp.settings import Settings
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.resetting import NEW, reset
from tests.flows.signing_in import (
    WRONG,
    Person,
    add_newcomer,
    add_person,
    cookie,
    enter_password,
    fail_often,
    is_signed_in,
    open_page,
    sign_in,
    sign_out,
    try_password,
)
from tests.flows.test_sign_in import assert_same_answer
from tests.parts.application import ISSUER, on_both_databases
from tests.parts.browserless import Visitor
from tests.parts.fixtures import OpenBrowserless

_COOKIE = "idp_browser"
_FAILED = "That username or password is not right."
_LOCKED = "Too many tries with this sign-in name."
_HALF_A_YEAR = 180 * 86_400


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody who signs in."""
    return add_person(ctx, clock)


def recognition(visitor: Visitor) -> str:
    """Return the secret by which a browser is recognised; empty without one."""
    return visitor.client.cookies.get(_COOKIE, default="") or ""


def give(visitor: Visitor, secret: str) -> None:
    """Plant the cookie of recognition in a browser."""
    visitor.client.cookies.set(_COOKIE, secret)


def known_visitor(open_visitor: OpenVisitor, person: Person, clock: FixedClock) -> Visitor:
    """Return a browser that signed in completely and out again."""
    visitor = open_visitor()
    sign_in(visitor, person)
    sign_out(visitor)
    clock.advance(30)  # another code of the app
    return visitor


def lock_elsewhere(open_visitor: OpenVisitor, person: Person) -> None:
    """Lock both the name and the person from a browser that nobody knows."""
    assert _LOCKED in fail_often(open_visitor(), person.username, 6).text


def test_SE_05_the_cookie_of_recognition_comes_with_the_session_and_not_before(
    visitor: Visitor, person: Person
) -> None:
    page = enter_password(visitor, person)
    assert recognition(visitor) == ""
    sent = page.form("Continue").values() | {"code": person.app.code()}
    answer = visitor.client.post(f"{ISSUER}/sign-in/mfa", data=sent)
    (line,) = [one for one in answer.headers.get_list("set-cookie") if _COOKIE in one]
    attributes = {part.strip().casefold() for part in line.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", f"max-age={_HALF_A_YEAR}"} <= attributes
    assert not any(part.startswith("domain") for part in attributes)
    assert len(recognition(visitor)) == 43
    assert recognition(visitor) != cookie(visitor)


def test_DB_01_only_a_hash_of_the_cookie_of_recognition_is_stored(
    visitor: Visitor, person: Person, ctx: Context
) -> None:
    sign_in(visitor, person)
    (row,) = browsers.listed(ctx, person.id)
    assert recognition(visitor)
    assert recognition(visitor) not in repr(
        ctx.db.execute(text("SELECT * FROM known_browser")).all()
    )
    assert row.user_agent == "browserless"


def test_MF_15_a_recognised_browser_still_asks_for_password_and_factor(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    visitor = known_visitor(open_visitor, person, clock)
    assert open_page(visitor, "/account").path == "/sign-in"
    assert _FAILED in try_password(visitor, person.username, WRONG).text
    assert enter_password(visitor, person).path == "/sign-in/mfa"
    assert not is_signed_in(visitor)


def test_LG_05_the_owner_signs_in_where_a_stranger_has_locked_the_name(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    visitor = known_visitor(open_visitor, person, clock)
    lock_elsewhere(open_visitor, person)
    assert sign_in(visitor, person).path == "/account"


def test_LG_08_what_a_stranger_is_told_stays_the_same_while_the_owner_signs_in(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    visitor, stranger = known_visitor(open_visitor, person, clock), open_visitor()
    lock_elsewhere(open_visitor, person)
    before = try_password(stranger, person.username, person.password)
    sign_in(visitor, person)
    after = try_password(stranger, person.username, person.password)
    assert _LOCKED in after.text
    assert_same_answer(before, after, person.username, person.username)


def test_LG_05_wrong_passwords_in_a_recognised_browser_lock_nobody_else(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    visitor = known_visitor(open_visitor, person, clock)
    answers = [try_password(visitor, person.username, WRONG) for _ in range(11)]
    assert [_LOCKED in answer.text for answer in answers] == [False] * 10 + [True]
    assert _LOCKED in enter_password(visitor, person).text
    assert enter_password(open_visitor(), person).path == "/sign-in/mfa"


def test_LG_01_the_lane_opens_at_the_time_it_tells(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    visitor = known_visitor(open_visitor, person, clock)
    fail_often(visitor, person.username, 10)
    clock.advance(7199)
    assert _LOCKED in enter_password(visitor, person).text
    clock.advance(1)
    assert enter_password(visitor, person).path == "/sign-in/mfa"


def test_a_code_by_mail_unlocks_the_lane_too(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    visitor = known_visitor(open_visitor, person, clock)
    fail_often(visitor, person.username, 11)
    asked = open_page(visitor, "/unlock").submit({"username": person.username})
    link = next(word for word in read_mail(person.email)[0].text.split() if "/unlock/link" in word)
    assert asked.heading == "Check your email"
    visitor.open(link).submit(button="Unlock")
    assert enter_password(visitor, person).path == "/sign-in/mfa"


def test_LG_05_at_a_hundred_failures_the_password_works_in_recognised_browsers_alone(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    visitor, guesser = known_visitor(open_visitor, person, clock), open_visitor()
    for _ in range(100):
        try_password(guesser, person.username, WRONG)
        clock.advance(901)
    clock.advance(86_400)
    assert enter_password(open_visitor(), person).heading == "Signing in is paused"
    assert enter_password(visitor, person).path == "/sign-in/mfa"


def is_counted_apart(visitor: Visitor, person: Person) -> bool:
    """Tell whether a browser passes a lock of the name."""
    return enter_password(visitor, person).path == "/sign-in/mfa"


def test_MF_15_a_copied_cookie_is_worth_nothing_after_the_owners_next_sign_in(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    visitor, thief = known_visitor(open_visitor, person, clock), open_visitor()
    give(thief, recognition(visitor))
    sign_in(visitor, person)
    lock_elsewhere(open_visitor, person)
    assert not is_counted_apart(thief, person)
    sign_out(visitor)
    assert is_counted_apart(visitor, person)


@pytest.mark.parametrize("secret", ["A" * 43, "x", "A" * 44, "%C3%A9", "A" * 42 + "="])
def test_MF_15_a_forged_cookie_is_worth_nothing(
    secret: str, open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    known_visitor(open_visitor, person, clock)
    lock_elsewhere(open_visitor, person)
    forger = open_visitor()
    forger.client.headers["Cookie"] = f"{_COOKIE}={secret}"
    answer = try_password(forger, person.username, person.password)
    assert answer.status in {403, 422}
    assert answer.path == "/sign-in"


def test_MF_15_a_browser_of_another_account_is_none_of_this_one(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    other = known_visitor(open_visitor, add_person(ctx, clock, "benito"), clock)
    lock_elsewhere(open_visitor, person)
    assert not is_counted_apart(other, person)


def test_MF_15_a_browser_is_recognised_for_the_account_that_signed_in_last(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    visitor, benito = known_visitor(open_visitor, person, clock), add_person(ctx, clock, "benito")
    sign_in(visitor, benito)
    assert browsers.listed(ctx, person.id) == []
    assert len(browsers.listed(ctx, benito.id)) == 1


def test_MF_15_after_180_days_without_a_sign_in_a_browser_is_unknown_and_deleted(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    visitor = known_visitor(open_visitor, person, clock)
    clock.advance(_HALF_A_YEAR - 31)
    lock_elsewhere(open_visitor, person)
    assert is_counted_apart(visitor, person)
    clock.advance(1)
    assert not is_counted_apart(visitor, person)
    clock.advance(1)
    forget_old(ctx)
    assert ctx.db.scalar(text("SELECT count(*) FROM known_browser")) == 0


def test_a_browser_that_a_living_session_runs_in_can_be_deleted(
    visitor: Visitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    sign_in(visitor, person)
    clock.advance(60)
    with writing(ctx.db):
        ctx.db.execute(text("UPDATE known_browser SET expires_at = '2026-01-01 00:00:00.000000'"))
        assert browsers.forget_expired(ctx) == 1
    assert is_signed_in(visitor)


@on_both_databases
def test_MF_15_of_two_sign_ins_with_one_cookie_at_once_one_is_the_browsers(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    visitor = known_visitor(open_visitor, person, clock)
    pages = []
    for _ in range(2):
        copy = open_visitor()
        give(copy, recognition(visitor))
        pages.append(enter_password(copy, person))
    codes = [person.codes[0], person.codes[1]]
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda pair: pair[0].click("recovery code").submit({"code": pair[1]}),
                zip(pages, codes, strict=True),
            )
        )
    assert {answer.path for answer in answers} == {"/account"}
    ctx.db.rollback()
    assert len(browsers.listed(ctx, person.id)) == 2


def new_sign_in_mails(read_mail: ReadMail, person: Person) -> list[str]:
    """Return the mails that told of a sign-in from a new browser."""
    mails = read_mail(person.email)
    return [mail.text for mail in mails if mail.subject == "New sign-in to your account"]


def test_a_sign_in_from_a_new_browser_is_told_by_mail(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    known_visitor(open_visitor, person, clock)
    phone = open_visitor()
    phone.client.headers["User-Agent"] = (
        "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
    )
    sign_in(phone, person)
    (mail,) = new_sign_in_mails(read_mail, person)
    assert "Firefox on Android" in mail
    assert "127.0.0.1" in mail
    assert "Mar 2, 2026" in mail
    assert f"{ISSUER}/not-me/link?token=" in mail


def test_no_mail_tells_of_the_first_sign_in_or_of_one_in_a_recognised_browser(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    visitor = known_visitor(open_visitor, person, clock)
    sign_in(visitor, person)
    assert new_sign_in_mails(read_mail, person) == []


def test_no_mail_tells_of_proving_oneself_again_in_a_session(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    known_visitor(open_visitor, person, clock)
    visitor = open_visitor()
    sign_in(visitor, person)
    visitor.client.cookies.delete(_COOKIE)
    clock.advance(600)
    open_page(visitor, "/account")
    clock.advance(601)
    open_page(visitor, "/account")
    page = open_page(visitor, "/account/security/password")
    assert page.path == "/sign-in"
    code = page.submit({"username": person.username, "password": person.password})
    code.submit({"code": person.app.code()}, button="Continue")
    assert len(new_sign_in_mails(read_mail, person)) == 1


def test_a_spanish_account_is_told_in_spanish(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    known_visitor(open_visitor, person, clock)
    ctx.db.execute(text("UPDATE account SET language = 'es'"))
    ctx.db.commit()
    sign_in(open_visitor(), person)
    mail = read_mail(person.email)[0]
    assert mail.subject == "Nuevo inicio de sesión en su cuenta"
    assert "Un navegador que no conocemos" in mail.text
    assert "No fui yo" in mail.html


def test_the_account_remembers_when_somebody_signed_in_last(
    visitor: Visitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    ctx.db.execute(text("UPDATE account SET dormant_notices = 3"))
    ctx.db.commit()
    sign_in(visitor, person)
    row = ctx.db.execute(text("SELECT last_signed_in_at, dormant_notices FROM account")).one()
    assert str(row[0]).startswith("2026-03-02 15:00:00")
    assert row[1] == 0


def test_LG_07_mass_guessing_slows_every_browser_but_a_recognised_one(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    visitor = known_visitor(open_visitor, person, clock)
    for _ in range(1000):
        hit(ctx, LimitName.SIGN_IN_FAILURES)
    for number in range(15):
        try_password(open_visitor(), f"nobody{number}", WRONG)
    assert try_password(open_visitor(), "nobody99", WRONG).status == 429
    assert try_password(open_visitor(), person.username, WRONG).status == 429
    assert enter_password(visitor, person).path == "/sign-in/mfa"


def test_LG_07_a_flooded_address_does_not_stop_its_recognised_browsers(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock
) -> None:
    visitor = known_visitor(open_visitor, person, clock)
    for _ in range(300):
        hit(ctx, LimitName.SIGN_IN_IP, "127.0.0.1")
    assert enter_password(open_visitor(), person).status == 429
    assert enter_password(visitor, person).path == "/sign-in/mfa"


def test_LG_07_a_recognised_browser_has_a_limit_of_its_own(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> None:
    visitor = known_visitor(open_visitor, person, clock)
    statuses = [try_password(visitor, person.username, WRONG).status for _ in range(16)]
    assert statuses[14:] == [422, 429]


def test_LG_05_a_stranger_does_not_use_up_the_mails_of_a_recognised_browser(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    visitor = known_visitor(open_visitor, person, clock)
    lock_elsewhere(open_visitor, person)
    for _ in range(6):
        open_page(open_visitor(), "/unlock").submit({"username": person.username})
        clock.advance(121)
    strangers = len(read_mail(person.email))
    assert strangers == 5
    for _ in range(6):
        open_page(visitor, "/unlock").submit({"username": person.username})
        clock.advance(121)
    assert len(read_mail(person.email)) == strangers + 5


def test_a_newcomer_who_enrols_is_recognised_afterwards(
    app: Flask, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    newcomer = add_newcomer(ctx, clock)
    enter_password(visitor, newcomer)
    assert recognition(visitor) == ""
    assert browsers.listed(ctx, newcomer.id) == []


def test_RC_08_a_password_reset_leaves_browsers_recognised(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    visitor = known_visitor(open_visitor, person, clock)
    reset(open_visitor(), person, read_mail)
    lock_elsewhere(open_visitor, person)
    assert try_password(visitor, person.username, NEW).path == "/sign-in/mfa"


def test_SE_05_behind_https_both_cookies_belong_to_this_host_alone(
    settings: Settings, person: Person, clock: FixedClock, browserless: OpenBrowserless
) -> None:
    issuer = "https://login.example.org"
    app = create_app(settings.model_copy(update={"issuer": issuer}), clock)
    visitor = browserless({issuer: app})
    page = visitor.open(f"{issuer}/sign-in")
    code = page.submit({"username": person.username, "password": person.password})
    code.submit({"code": person.app.code()}, button="Continue")
    kept = {one.name: one for one in visitor.client.cookies.jar}
    assert {"__Host-idp", "__Host-idp_browser"} <= set(kept)
    assert all(one.secure and one.path == "/" for one in kept.values())
    assert kept["__Host-idp"].expires is None
    assert kept["__Host-idp_browser"].expires is not None
