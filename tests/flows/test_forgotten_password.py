"""Resetting a forgotten password: mailbox, second factor, new password."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import db, writing
from idp.foundation.rate_limits.service import LimitName, hit
from idp.people.accounts import service as accounts
from idp.people.credentials import passwords, recovery_codes, totp
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.resetting import NEW, STEP_OVER, ask, choose, prove, reset, show_factor
from tests.flows.signing_in import (
    WRONG,
    Person,
    add_newcomer,
    add_person,
    code_in,
    cookie,
    enter_password,
    fail_often,
    is_signed_in,
    link_in,
    open_page,
    set_state,
    sign_in,
    try_password,
    use_cookie,
)
from tests.flows.test_sign_in import assert_same_answer
from tests.parts.application import ISSUER, on_both_databases
from tests.parts.browserless import Answer, Visitor

_NOT_ACCEPTED = "That code does not work."


def test_mailbox_factor_and_a_new_password_lead_back_to_signing_in(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person, visitor = add_person(ctx, clock), open_visitor()
    page = try_password(visitor, person.username, WRONG).click("Forgot your password?")
    asked = page.submit({"username": person.username}, button="Send a code")
    assert asked.heading == "Check your email"
    assert "If rosario can be used here, we have sent a message." in asked.text
    mail = read_mail(person.email)[0]
    assert mail.subject == "Your code to reset your password"
    factor = asked.submit({"code": code_in(mail)}, button="Continue")
    assert factor.path == "/sign-in/mfa"
    page = show_factor(factor, person)
    assert (page.path, page.heading) == ("/forgot-password/new", "Choose a new password")
    done = choose(page)
    assert done.heading == "Your password was changed"
    assert not is_signed_in(visitor)
    assert read_mail(person.email)[0].subject == "Your password was changed"
    back = done.click("Sign in")
    clock.advance(30)
    signed = back.submit({"username": person.username, "password": NEW})
    assert show_factor(signed, person).path == "/account"
    assert try_password(open_visitor(), person.username, person.password).status == 422


def test_every_page_of_the_way_speaks_spanish(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    visitor = open_visitor("es")
    page = open_page(visitor, "/forgot-password")
    assert page.heading == "Restablezca su contraseña"
    asked = page.submit({"username": person.email}, button="Enviar un código")
    assert asked.heading == "Revise su correo electrónico"
    factor = asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Continuar")
    page = factor.submit({"code": person.app.code()}, button="Continuar")
    assert page.heading == "Elija una contraseña nueva"
    refused = choose(page, "corta")
    assert "Use al menos 8 caracteres." in refused.text
    assert choose(refused).heading == "Su contraseña se cambió"


def test_the_link_resets_in_another_browser(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    ask(open_visitor(), person.email)
    page = open_visitor().open(link_in(read_mail(person.email)[0]))
    assert page.heading == "Reset your password"
    page = show_factor(page.submit(button="Continue"), person)
    assert choose(page).heading == "Your password was changed"


def test_the_link_opened_in_the_same_browser_goes_on_with_the_tab_that_asked(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    signing_in = open_page(visitor, "/account/applications")
    page = signing_in.click("Forgot your password?")
    asked = page.submit({"username": person.username}, button="Send a code")
    opened = visitor.open(link_in(read_mail(person.email)[0]))
    done = choose(show_factor(opened.submit(button="Continue"), person))
    assert asked.submit({"code": "12345678"}, button="Continue").status == 403
    clock.advance(30)
    signed = done.click("Sign in").submit({"username": person.username, "password": NEW})
    assert show_factor(signed, person).path == "/account/applications"


def test_RC_06_the_token_leaves_the_address_at_once(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    ask(visitor, person.username)
    link = link_in(read_mail(person.email)[0])
    token = urlsplit(link).query.removeprefix("token=")
    first = visitor.open(link, follow=False)
    assert first.status == 303
    assert token not in first.location
    page = visitor.open(link)
    assert token not in page.url + page.response.text
    assert page.response.headers["Referrer-Policy"] == "no-referrer"


def test_RG_11_looking_at_the_link_uses_nothing_up(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    ask(open_visitor(), person.username)
    link = link_in(read_mail(person.email)[0])
    for _ in range(3):
        scanner = open_visitor()
        scanner.open(link)
        scanner.client.head(link)
    assert open_visitor().open(link).submit(button="Continue").path == "/sign-in/mfa"


def test_RC_07_the_mailbox_alone_sets_no_password(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    asked = ask(visitor, person.username)
    factor = asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Continue")
    tx = factor.query["tx"]
    assert open_page(visitor, f"/forgot-password/new?tx={tx}").path == "/forgot-password"
    assert _post_new(visitor, factor).status == 410
    wrong = factor.submit({"code": "000000"}, button="Continue")
    assert wrong.status == 422
    assert open_page(visitor, f"/mfa/enroll?tx={tx}").path == "/sign-in/mfa"
    assert enter_password(visitor, person).path == "/sign-in/mfa"


def test_RC_07_a_recovery_code_counts_as_the_factor(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    asked = ask(visitor, person.username)
    factor = asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Continue")
    tx = factor.query["tx"]
    page = open_page(visitor, f"/sign-in/mfa/recovery-code?tx={tx}")
    page = page.submit({"code": person.codes[0]}, button="Continue")
    assert choose(page).heading == "Your password was changed"


def test_RC_07_a_factor_shown_for_one_person_resets_no_other(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person, other = add_person(ctx, clock), add_person(ctx, clock, "benito")
    page = prove(visitor, person, read_mail)
    again = page.visitor.open(f"{ISSUER}/forgot-password?tx={page.query['tx']}")
    asked = again.submit({"username": other.username}, button="Send a code")
    factor = asked.submit({"code": code_in(read_mail(other.email)[0])}, button="Continue")
    assert factor.path == "/sign-in/mfa"
    assert _post_new(visitor, factor).status == 410
    assert enter_password(visitor, other).path == "/sign-in/mfa"


def test_RC_07_who_has_no_factor_left_is_sent_to_the_service_desk(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    with writing(ctx.db):
        totp.disable_all(ctx, person.id)
        recovery_codes.replace(ctx, person.id, [])
    asked = ask(visitor, person.username)
    page = asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Continue")
    assert page.heading == "You need one more proof"
    assert "service desk" in page.text
    assert "Set up a new" not in page.text
    assert _post_new(visitor, page, page.query["tx"]).status == 410


def test_who_never_had_a_factor_resets_by_the_mailbox_and_enrols_at_sign_in(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_newcomer(ctx, clock)
    asked = ask(visitor, person.username)
    page = asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Continue")
    assert page.path == "/forgot-password/new"
    done = choose(page)
    signed = done.click("Sign in").submit({"username": person.username, "password": NEW})
    assert signed.path == "/mfa/enroll"


@pytest.mark.parametrize("add", [add_newcomer, add_person])
def test_SE_01_a_proven_mailbox_replaces_the_cookie(
    add: Callable[[Context, FixedClock], Person],
    visitor: Visitor,
    ctx: Context,
    clock: FixedClock,
    read_mail: ReadMail,
) -> None:
    person = add(ctx, clock)
    asked = ask(visitor, person.username)
    planted = cookie(visitor)
    page = asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Continue")
    assert cookie(visitor) != planted
    use_cookie(visitor, planted)
    assert open_page(visitor, f"{page.path}?tx={page.query['tx']}").status == 410


def test_RG_13_an_address_that_nobody_proved_resets_nothing(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_newcomer(ctx, clock)
    with writing(ctx.db):
        account = accounts.get(ctx, person.id)
        assert account
        account.email_verified_at = None
    assert ask(visitor, person.username).heading == "Check your email"
    assert read_mail(person.email) == []


@pytest.mark.parametrize("state", ["invited", "suspended", "closed"])
def test_an_account_that_may_not_sign_in_gets_no_code(
    state: str, visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock, state=state)
    assert ask(visitor, person.username).heading == "Check your email"
    assert read_mail(person.email) == []


def test_an_account_suspended_on_the_way_sets_no_password(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    page = prove(visitor, person, read_mail)
    set_state(ctx, person, "suspended")
    assert choose(page).heading == STEP_OVER
    set_state(ctx, person, "active")
    assert enter_password(visitor, person).path == "/sign-in/mfa"


@on_both_databases
def test_RC_08_every_session_ends_and_the_person_signs_in_anew(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    laptop, phone = open_visitor(), open_visitor()
    for visitor in (laptop, phone):
        sign_in(visitor, person)
        clock.advance(30)
    reset(phone, person, read_mail)
    assert not is_signed_in(laptop)
    assert not is_signed_in(phone)
    ctx.db.rollback()
    account = accounts.get(ctx, person.id)
    assert account
    assert account.grants_end_before == clock.now()


def test_RC_02_code_and_link_of_one_mail_work_once_together(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    asked = ask(open_visitor(), person.username)
    mail = read_mail(person.email)[0]
    opened = open_visitor().open(link_in(mail))
    assert asked.submit({"code": code_in(mail)}, button="Continue").path == "/sign-in/mfa"
    assert opened.submit(button="Continue").heading == "That link does not work"
    assert open_visitor().open(link_in(mail)).status == 410


def test_RC_02_only_the_newest_mail_of_a_tab_works(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    asked = ask(visitor, person.username)
    older = read_mail(person.email)[0]
    clock.advance(30)
    asked = asked.submit(button="Send a new code")
    newer = read_mail(person.email)[0]
    assert newer.id != older.id
    assert _NOT_ACCEPTED in asked.submit({"code": code_in(older)}, button="Continue").text
    assert visitor.open(link_in(older)).status == 410
    assert asked.submit({"code": code_in(newer)}, button="Continue").path == "/sign-in/mfa"


def test_RC_02_a_sibling_that_was_proven_before_another_finished_is_over(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    first = prove(open_visitor(), person, read_mail)
    clock.advance(30)
    second = prove(open_visitor(), person, read_mail)
    third = ask(open_visitor(), person.username)
    late = read_mail(person.email)[0]
    assert choose(first).heading == "Your password was changed"
    assert choose(second, "Another lamp-post 77").heading == STEP_OVER
    assert _NOT_ACCEPTED in third.submit({"code": code_in(late)}, button="Continue").text
    assert try_password(open_visitor(), person.username, NEW).path == "/sign-in/mfa"


def test_a_form_sent_twice_changes_the_password_once(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    page = prove(visitor, person, read_mail)
    assert choose(page).heading == "Your password was changed"
    assert choose(page, "Another lamp-post 77").heading == STEP_OVER
    subjects = [mail.subject for mail in read_mail(person.email)]
    assert subjects.count("Your password was changed") == 1


@on_both_databases
def test_RC_02_of_two_tabs_that_finish_at_once_one_wins(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    first = prove(open_visitor(), person, read_mail)
    clock.advance(30)
    pages = [first, prove(open_visitor(), person, read_mail)]
    chosen = [NEW, "Another lamp-post 77"]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(choose, pages, chosen))
    assert sorted(answer.status for answer in answers) == [200, 410]
    winner = next(
        password for password, answer in zip(chosen, answers, strict=True) if answer.status == 200
    )
    assert try_password(open_visitor(), person.username, winner).path == "/sign-in/mfa"


@on_both_databases
def test_RC_02_of_two_browsers_with_one_link_at_once_one_wins(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    ask(open_visitor(), person.username)
    link = link_in(read_mail(person.email)[0])
    pages = [open_visitor().open(link) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda page: page.submit(button="Continue"), pages))
    assert sorted(answer.status for answer in answers) == [200, 410]


def test_RC_10_code_and_link_end_after_ten_minutes_by_the_servers_clock(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    asked = ask(open_visitor(), person.username)
    mail = read_mail(person.email)[0]
    clock.advance(599)
    page = open_visitor().open(link_in(mail))
    assert page.heading == "Reset your password"
    clock.advance(1)
    assert _NOT_ACCEPTED in asked.submit({"code": code_in(mail)}, button="Continue").text
    assert page.submit(button="Continue").status == 410


def test_RC_10_what_was_proven_is_over_after_fifteen_minutes(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    page = prove(visitor, person, read_mail)
    clock.advance(899)
    page = choose(page, "short")
    assert page.status == 422
    clock.advance(1)
    assert choose(page).heading == STEP_OVER


def test_five_wrong_codes_void_the_code_of_this_tab(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    asked = ask(visitor, person.username)
    code = code_in(read_mail(person.email)[0])
    wrong = f"{(int(code) + 1) % 10**8:08}"
    for _ in range(5):
        asked = asked.submit({"code": wrong}, button="Continue")
        assert _NOT_ACCEPTED in asked.text
    assert _NOT_ACCEPTED in asked.submit({"code": code}, button="Continue").text


def test_a_code_of_another_tab_or_another_purpose_is_refused(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    fail_often(open_visitor(), person.username, 6)
    unlocking = open_page(open_visitor(), "/unlock").submit({"username": person.username})
    assert unlocking.heading == "Check your email"
    unlock = read_mail(person.email)[0]
    asked = ask(open_visitor(), person.username)
    reset_mail = read_mail(person.email)[0]
    other = ask(open_visitor(), person.email)
    for code in (code_in(unlock), code_in(reset_mail)):
        assert _NOT_ACCEPTED in other.submit({"code": code}, button="Continue").text
    assert _NOT_ACCEPTED in asked.submit({"code": code_in(unlock)}, button="Continue").text
    swapped = link_in(unlock).replace("/unlock/", "/forgot-password/")
    assert open_visitor().open(swapped).status == 410


def test_RC_11_unknown_known_and_suspended_names_get_the_same_pages_and_rows(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person, barred = add_person(ctx, clock), add_person(ctx, clock, "benito", state="suspended")
    unknown_page, unknown_rows = _asked(open_visitor(), ctx, "nobody99")
    known_page, known_rows = _asked(open_visitor(), ctx, person.username)
    barred_page, barred_rows = _asked(open_visitor(), ctx, barred.username)
    assert_same_answer(known_page, unknown_page, "rosario", "nobody99")
    assert_same_answer(barred_page, unknown_page, "benito", "nobody99")
    assert known_rows == unknown_rows == barred_rows
    assert len(read_mail(person.email)) == 1
    assert len(read_mail("")) == 1


def test_what_somebody_else_asks_for_changes_nothing_for_the_owner(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    owner = open_visitor()
    sign_in(owner, person)
    asked = ask(open_visitor(), person.email)
    asked.submit({"code": "00000000"}, button="Continue")
    assert is_signed_in(owner)
    assert enter_password(open_visitor(), person).path == "/sign-in/mfa"


def test_a_reset_lifts_the_locks_of_every_name(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    for name in (person.username, person.email):
        page = fail_often(open_visitor(), name, 6)
    reset(page.visitor, person, read_mail)
    for name in (person.username, person.email):
        assert try_password(open_visitor(), name, NEW).path == "/sign-in/mfa"


def test_RC_12_a_mailbox_gets_five_codes_in_an_hour_and_the_pages_stay_the_same(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    for _ in range(8):
        assert ask(open_visitor(), person.username).heading == "Check your email"
        clock.advance(121)
    assert len(read_mail(person.email)) == 5


def test_RC_12_too_many_requests_of_one_address_are_told_to_wait(
    visitor: Visitor, app: Flask, parts: Parts
) -> None:
    page = open_page(visitor, "/forgot-password")
    with app.app_context():
        ctx = parts.context(db.session(), Origin(ip="127.0.0.1"))
        for _ in range(100):
            hit(ctx, LimitName.CODE_REQUEST_IP, "127.0.0.1")
    refused = page.submit({"username": "nobody99"}, button="Send a code")
    assert refused.status == 429
    assert refused.response.headers["Retry-After"] == "3600"


def test_a_tab_that_asks_again_too_early_is_told_how_long_to_wait(
    visitor: Visitor, clock: FixedClock
) -> None:
    asked = ask(visitor, "nobody99")
    early = asked.submit(button="Send a new code")
    assert early.status == 422
    assert "Seconds left: 30." in early.text
    repeated = asked.click("Use another username").submit({"username": "nobody99"})
    assert "Please wait" in repeated.text
    clock.advance(30)
    assert asked.submit(button="Send a new code").status == 200


def test_RC_01_the_link_is_the_issuers_whatever_host_a_request_names(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    page = open_page(visitor, "/forgot-password")
    poison = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example",
    }
    sent = page.form("Send a code").values() | {"username": person.username}
    visitor.client.post(f"{ISSUER}/forgot-password", data=sent, headers=poison)
    mail = read_mail(person.email)[0]
    assert "evil.example" not in mail.text + mail.html
    assert link_in(mail).startswith(f"{ISSUER}/forgot-password/link?token=")
    refused = visitor.client.get(f"{ISSUER}/forgot-password", headers={"Host": "evil.example"})
    assert refused.status_code == 400


@pytest.mark.parametrize("step", ["code", "confirm", "new", "done"])
def test_a_later_step_cannot_be_reached_by_its_address(step: str, visitor: Visitor) -> None:
    assert open_page(visitor, f"/forgot-password/{step}").status == 410
    tx = ask(visitor, "nobody99").query["tx"]
    reached = open_page(visitor, f"/forgot-password/{step}?tx={tx}")
    assert reached.path != "/forgot-password/new"
    assert reached.heading != "Your password was changed"


def test_resending_before_asking_begins_at_the_first_step(visitor: Visitor) -> None:
    asked = ask(visitor, "nobody99")
    opened = visitor.open(f"{ISSUER}/forgot-password/link?token=x")
    tx = opened.link("Ask for a new code").partition("tx=")[2]
    sent = asked.form("Send a new code").values() | {"tx": tx}
    assert visitor.send("POST", f"{ISSUER}/forgot-password/resend", sent).path == "/forgot-password"
    assert open_page(visitor, f"/forgot-password/code?tx={tx}").path == "/forgot-password"


def test_an_empty_form_says_what_to_enter(visitor: Visitor) -> None:
    page = open_page(visitor, "/forgot-password").submit({"username": " "}, button="Send a code")
    assert page.status == 422
    assert "Enter your username or email address." in page.text
    empty = ask(visitor, "nobody99").submit({"code": ""}, button="Continue")
    assert empty.status == 422
    assert "Enter the code from the email." in empty.text


def test_every_unmet_rule_is_said_at_once_and_nothing_is_changed(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    page = choose(prove(visitor, person, read_mail), "rosario", "other")
    assert page.status == 422
    for words in (
        "Use at least 8 characters.",
        "Use at least 4 of these",
        "Leave out your username",
        "The two passwords are not the same.",
    ):
        assert words in page.text
    assert choose(page).heading == "Your password was changed"


def test_a_name_typed_at_sign_in_is_filled_in(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    page = fail_often(visitor, person.username, 6).click("Forgot your password?")
    assert page.form("Send a code").values()["username"] == person.username


def test_a_password_that_must_be_reset_says_so_only_to_who_knows_it(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    with writing(ctx.db):
        passwords.require_reset(ctx, person.id)
    assert "That username or password is not right." in _wrong(visitor, person.username)
    page = enter_password(visitor, person)
    assert (page.status, page.heading) == (422, "Choose a new password first")
    assert not is_signed_in(visitor)
    page = page.click("Reset my password")
    assert page.path == "/forgot-password"
    asked = page.submit({"username": person.username}, button="Send a code")
    page = asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Continue")
    done = choose(show_factor(page, person))
    clock.advance(30)
    signed = done.click("Sign in").submit({"username": person.username, "password": NEW})
    assert show_factor(signed, person).path == "/account"
    ctx.db.rollback()
    assert not passwords.must_be_reset(ctx, person.id)


def test_the_way_is_recorded_from_asking_to_the_new_password(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    asked = ask(visitor, person.username)
    code = code_in(read_mail(person.email)[0])
    asked = asked.submit({"code": "00000000"}, button="Continue")
    choose(show_factor(asked.submit({"code": code}, button="Continue"), person))
    ctx.db.rollback()
    rows = ctx.db.execute(
        text("SELECT event, outcome FROM audit_event WHERE event LIKE 'password.%' ORDER BY id")
    )
    assert [tuple(row) for row in rows] == [
        ("password.reset_requested", "success"),
        ("password.reset_proven", "failure"),
        ("password.reset_proven", "success"),
        ("password.changed", "success"),
    ]


def _wrong(visitor: Visitor, username: str) -> str:
    return try_password(visitor, username, WRONG).text


def _post_new(visitor: Visitor, page: Answer, tx: str | None = None) -> Answer:
    """Send a new password from a page that does not ask for one."""
    proof = open_page(visitor, "/sign-in").forms[0].values()["csrf_token"]
    values = {"csrf_token": proof, "tx": tx or page.query["tx"]}
    chosen = {"new_password": NEW, "confirm_password": NEW}
    return visitor.send("POST", f"{ISSUER}/forgot-password/new", values | chosen)


def _asked(visitor: Visitor, ctx: Context, typed: str) -> tuple[Answer, list[int]]:
    """Return the page and how many rows of each kind asking wrote."""
    before = _rows(ctx)
    page = ask(visitor, typed)
    return page, [after - was for after, was in zip(_rows(ctx), before, strict=True)]


def _rows(ctx: Context) -> list[int]:
    ctx.db.rollback()
    tables = ("outbox", "one_time_code", "code_mail_count", "audit_event", "flow_transaction")
    return [ctx.db.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in tables]  # noqa: S608
