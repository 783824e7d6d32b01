"""The second factor at sign-in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts import service as accounts
from idp.people.credentials import factors, passwords, recovery_codes
from idp.people.sessions import service as sessions
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.signing_in import (
    Person,
    add_newcomer,
    add_person,
    choose_app,
    cookie,
    enter_password,
    is_signed_in,
    open_page,
    set_state,
    sign_in,
    sign_out,
    try_password,
)
from tests.parts.application import ISSUER, on_both_databases
from tests.parts.authenticator import totp as code_at
from tests.parts.browserless import Answer, Visitor

_WRONG = "That code does not match."
_LOCKED = "Too many wrong codes"


def guess(page: Answer, times: int) -> Answer:
    """Type wrong codes in a row; return the last page."""
    for _ in range(times):
        page = page.submit({"code": "000000"}, button="Continue")
    return page


@pytest.mark.parametrize(
    "path",
    ["/account", "/account/security", "/mfa/enroll", "/oidc/userinfo", "/mfa/recovery-codes"],
)
def test_MF_07_the_password_alone_opens_nothing(
    path: str, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    asked = enter_password(visitor, add_person(ctx, clock))
    page = open_page(visitor, f"{path}?tx={asked.query['tx']}")
    assert page.status in {200, 401, 410}
    assert page.path in {"/sign-in", "/sign-in/mfa", "/oidc/userinfo"}
    assert not is_signed_in(visitor)


def test_MF_01_a_code_that_signed_in_once_never_does_again(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    code = code_at(person.app.secret, clock.now())
    first = enter_password(open_visitor(), person).submit({"code": code}, button="Continue")
    assert first.path == "/account"
    again = enter_password(open_visitor(), person).submit({"code": code}, button="Continue")
    assert again.status == 422
    assert _WRONG in again.text


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 200), (1, 200), (2, 422)])
def test_MF_16_one_step_to_either_side_is_right(
    steps: int, status: int, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    page = enter_password(visitor, person)
    code = code_at(person.app.secret, clock.now() + timedelta(seconds=30 * steps))
    assert page.submit({"code": code}, button="Continue").status == status


def test_a_code_typed_with_a_space_is_right(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    code = person.app.code()
    page = enter_password(visitor, person)
    assert page.submit({"code": f" {code[:3]} {code[3:]} "}).path == "/account"


def test_the_page_warns_when_three_tries_are_left(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    page = guess(enter_password(visitor, add_person(ctx, clock)), 6)
    assert "tries left" not in page.text
    assert "You have 3 tries left." in guess(page, 1).text
    assert "You have 1 try left." in guess(page, 2).text


def test_MF_04_ten_wrong_codes_over_tabs_and_browsers_pause_for_ten_minutes(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    guess(enter_password(open_visitor(), person), 5)
    second = open_visitor()
    locked = guess(enter_password(second, person), 5)
    assert locked.heading == _LOCKED
    assert locked.click("Back to sign in").path == "/sign-in"
    again = enter_password(second, person)
    assert again.heading == _LOCKED
    clock.advance(599)
    assert enter_password(second, person).heading == _LOCKED
    clock.advance(1)
    page = enter_password(second, person)
    assert page.submit({"code": person.app.code()}, button="Continue").path == "/account"


def test_MF_04_the_right_code_is_refused_while_the_factor_is_locked(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    waiting = enter_password(open_visitor(), person)
    guess(enter_password(open_visitor(), person), 10)
    refused = waiting.submit({"code": person.app.code()}, button="Continue")
    assert refused.heading == _LOCKED
    assert not is_signed_in(waiting.visitor)


def test_whoever_does_not_know_the_password_learns_nothing_of_the_factors_lock(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    guess(enter_password(open_visitor(), person), 10)
    page = try_password(open_visitor(), person.username, "wrong wrong wrong 1")
    assert _LOCKED not in page.text


def test_a_hundred_wrong_codes_turn_the_app_off_and_its_owner_learns_of_it(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    for _ in range(10):
        guess(enter_password(visitor, person), 10)
        clock.advance(600)
    mails = read_mail(person.email)
    assert mails[0].subject == "Your authenticator app was turned off"
    page = enter_password(visitor, person)
    assert page.heading == "Enter a recovery code"
    assert page.submit({"code": person.codes[0]}, button="Continue").path == "/account"


def test_MF_10_who_lost_every_factor_is_not_led_to_enrolment(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    for code in person.codes:
        page = enter_password(visitor, person).click("Use a recovery code instead")
        page.submit({"code": code}, button="Continue")
        sign_out(visitor)
    for _ in range(10):
        guess(enter_password(visitor, person), 10)
        clock.advance(600)
    stuck = enter_password(visitor, person)
    assert stuck.heading == "You cannot finish signing in here"
    tx = stuck.query["tx"]
    assert open_page(visitor, f"/mfa/enroll?tx={tx}").heading == stuck.heading


def test_MF_12_a_recovery_code_works_once_and_its_owner_learns_of_it(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    page = enter_password(open_visitor(), person).click("Use a recovery code instead")
    assert page.submit({"code": person.codes[0]}, button="Continue").path == "/account"
    mail = read_mail(person.email)[0]
    assert mail.subject == "A recovery code was used to sign in"
    assert "Recovery codes left: 9" in mail.text
    again = enter_password(open_visitor(), person).click("Use a recovery code instead")
    refused = again.submit({"code": person.codes[0]}, button="Continue")
    assert refused.status == 422
    assert "That recovery code does not work." in refused.text


@pytest.mark.parametrize(
    "retyped",
    [
        lambda code: code.lower(),
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " ").replace("0", "o").replace("1", "l"),
    ],
)
def test_MF_12_a_recovery_code_may_be_typed_as_people_read_it(
    retyped: object, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    assert callable(retyped)
    person = add_person(ctx, clock)
    page = enter_password(visitor, person).click("Use a recovery code instead")
    assert page.submit({"code": retyped(person.codes[3])}).path == "/account"


def test_the_mail_reminds_when_three_recovery_codes_are_left(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    for number, code in enumerate(person.codes[:7], start=1):
        page = enter_password(visitor, person).click("Use a recovery code instead")
        page.submit({"code": code}, button="Continue")
        reminds = "Few codes are left." in read_mail(person.email)[0].text
        assert reminds is (number == 7)
        sign_out(visitor)


@on_both_databases
def test_MF_01_of_two_browsers_with_one_code_at_once_one_signs_in(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    pages = [enter_password(open_visitor(), person) for _ in range(2)]
    code = person.app.code()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda page: page.submit({"code": code}), pages))
    assert sorted(answer.status for answer in answers) == [200, 422]


@on_both_databases
def test_MF_12_of_two_browsers_with_one_recovery_code_at_once_one_signs_in(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    pages = [
        enter_password(open_visitor(), person).click("Use a recovery code instead")
        for _ in range(2)
    ]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda page: page.submit({"code": person.codes[0]}), pages))
    assert sorted(answer.status for answer in answers) == [200, 422]


def test_the_session_says_honestly_how_it_was_opened(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    sign_in(visitor, add_person(ctx, clock))
    ctx.db.rollback()
    session = sessions.find_current(ctx, cookie(visitor))
    assert session
    assert session.amr == ("pwd", "otp", "mfa")
    assert session.acr == "urn:ncid:acr:aal2"


@pytest.mark.parametrize("path", ["/sign-in/mfa", "/sign-in/mfa/recovery-code"])
def test_an_empty_code_is_asked_for_and_is_no_try(
    path: str, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    page = enter_password(visitor, add_person(ctx, clock))
    page = open_page(visitor, f"{path}?tx={page.query['tx']}")
    for _ in range(11):
        page = page.submit({"code": " "}, button="Continue")
    assert page.status == 422
    assert page.heading != _LOCKED


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in/mfa",
        "/sign-in/mfa/passkey",
        "/sign-in/mfa/recovery-code",
        "/mfa/enroll/app",
        "/mfa/enroll/passkey",
        "/mfa/recovery-codes",
        "/mfa/recovery-codes/download",
    ],
)
def test_MF_07_a_tab_whose_password_was_not_typed_is_led_to_the_password(
    path: str, visitor: Visitor
) -> None:
    page = open_page(visitor, "/account")
    sent = page.form("Sign in").values()
    if path != "/mfa/recovery-codes/download":
        assert open_page(visitor, f"{path}?tx={sent['tx']}").path == "/sign-in"
    assert visitor.send("POST", f"{ISSUER}{path}", sent).path == "/sign-in"


def test_whoever_has_only_recovery_codes_is_asked_for_one(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_newcomer(ctx, clock)
    with writing(ctx.db):
        recovery_codes.replace(ctx, person.id, person.codes)
    set_state(ctx, person, "active")
    page = enter_password(visitor, person)
    assert page.path == "/sign-in/mfa/recovery-code"
    assert "Use your authenticator app" not in page.text


# Enrolment


def secret_on(page: Answer) -> str:
    """Read the key that the enrolment page shows."""
    shown = next(one for one in page.document.all("code") if one.get("id") == "app-key")
    return shown.text.replace(" ", "")


def codes_on(page: Answer) -> list[str]:
    """Read the recovery codes."""
    shown = next(one for one in page.document.all("ol") if one.get("id") == "recovery-codes")
    return [item.text for item in shown.all("li")]


def enroll_app(page: Answer, person: Person) -> Answer:
    """Choose an app, put the key into it and type its first code."""
    page = choose_app(page)
    person.app.secret = secret_on(page)
    return page.submit({"code": person.app.code(), "name": "My tablet"}, button="Continue")


def test_a_newcomer_enrolls_keeps_the_codes_and_is_signed_in(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_newcomer(ctx, clock)
    chosen = enter_password(visitor, person)
    page = choose_app(chosen)
    assert "otpauth://totp/" in page.link("Add to my app")
    assert any(one.get("role") == "img" for one in page.document.all("svg"))
    kept = enroll_app(chosen, person)
    assert kept.heading == "Keep your recovery codes"
    codes = codes_on(kept)
    assert len(codes) == 10
    done = kept.submit({"code": codes[4].lower()}, button="I have kept my codes")
    assert done.path == "/account"
    assert is_signed_in(visitor)
    mail = read_mail(person.email)[0]
    assert mail.subject == "An authenticator app was added to your account"
    assert "My tablet" in mail.text
    security = open_page(visitor, "/account/security")
    assert "My tablet" in security.text
    assert "10 recovery codes are left." in security.text


def test_MF_10_who_must_reset_the_password_meanwhile_enrols_nothing(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_newcomer(ctx, clock)
    page = enroll_app(enter_password(visitor, person), person)
    codes = codes_on(page)
    with writing(ctx.db):
        passwords.require_reset(ctx, person.id)
    page.submit({"code": codes[0]})
    assert not is_signed_in(visitor)
    ctx.db.rollback()
    account = accounts.get(ctx, person.id)
    assert account
    assert (account.state, factors.count(ctx, person.id)) == ("pending_mfa", 0)


def test_after_enrolment_app_and_recovery_codes_sign_in(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_newcomer(ctx, clock)
    kept = enroll_app(enter_password(open_visitor(), person), person)
    codes = codes_on(kept)
    kept.submit({"code": codes[0]}, button="I have kept my codes")
    assert sign_in(open_visitor(), person).path == "/account"
    page = enter_password(open_visitor(), person).click("Use a recovery code instead")
    assert page.submit({"code": codes[0]}, button="Continue").path == "/account"


def test_MF_01_the_code_that_enrolled_the_app_does_not_sign_in(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_newcomer(ctx, clock)
    kept = enroll_app(enter_password(open_visitor(), person), person)
    kept.submit({"code": codes_on(kept)[0]}, button="I have kept my codes")
    used = code_at(person.app.secret, clock.now())
    assert _WRONG in enter_password(open_visitor(), person).submit({"code": used}).text


def test_a_wrong_first_code_shows_the_same_key_again(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    page = choose_app(enter_password(visitor, add_newcomer(ctx, clock)))
    again = page.submit({"code": "123456", "name": "Phone"}, button="Continue")
    assert again.status == 422
    assert _WRONG in again.text
    assert secret_on(again) == secret_on(page)


def test_a_code_that_is_none_of_the_shown_ones_does_not_finish(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_newcomer(ctx, clock)
    kept = enroll_app(enter_password(visitor, person), person)
    for wrong in ("", "----", "0000-0000-0000-0000"):
        page = kept.submit({"code": wrong}, button="I have kept my codes")
        assert page.status == 422
        assert codes_on(page) == codes_on(kept)
    assert not is_signed_in(visitor)


def test_the_codes_are_handed_over_as_a_text_file(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_newcomer(ctx, clock)
    kept = enroll_app(enter_password(visitor, person), person)
    file = kept.submit(button="Download as a text file")
    assert file.response.headers["Content-Disposition"].startswith("attachment")
    assert file.response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert file.response.headers["Cache-Control"] == "no-store"
    assert [code for code in codes_on(kept) if code not in file.response.text] == []


def test_MF_10_the_secret_is_the_servers_whatever_a_form_sends(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_newcomer(ctx, clock)
    page = choose_app(enter_password(visitor, person))
    chosen = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    sent = {"code": code_at(chosen, clock.now()), "name": "x"}
    form = page.form("Continue").values() | sent | {"secret": chosen}
    refused = visitor.send("POST", page.url, form)
    assert refused.status == 422


def test_MF_10_an_account_with_a_factor_cannot_enrol_from_a_half_way_tab(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_newcomer(ctx, clock)
    slow = open_visitor()
    waiting = enroll_app(enter_password(slow, person), person)
    quick = enroll_app(enter_password(open_visitor(), person), person)
    quick.submit({"code": codes_on(quick)[0]}, button="I have kept my codes")
    late = waiting.submit({"code": codes_on(waiting)[0]}, button="I have kept my codes")
    assert late.path == "/sign-in/mfa"
    assert not is_signed_in(slow)


@on_both_databases
def test_MF_10_of_two_enrolments_at_once_one_wins(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_newcomer(ctx, clock)
    pages = [enroll_app(enter_password(open_visitor(), person), person) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda page: page.submit({"code": codes_on(page)[0]}), pages))
    assert sorted(is_signed_in(answer.visitor) for answer in answers) == [False, True]


def test_the_codes_are_shown_after_the_app_is_confirmed_and_not_before(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    page = choose_app(enter_password(visitor, add_newcomer(ctx, clock)))
    sent = page.form("Continue").values()
    for answer in (
        open_page(visitor, f"/mfa/recovery-codes?tx={sent['tx']}"),
        visitor.send("POST", f"{ISSUER}/mfa/recovery-codes", sent | {"code": "x"}),
    ):
        assert answer.path == "/mfa/enroll" or answer.status == 410
    file = visitor.send("POST", f"{ISSUER}/mfa/recovery-codes/download", sent)
    assert file.path == "/mfa/enroll"


def test_an_app_needs_a_name(visitor: Visitor, ctx: Context, clock: FixedClock) -> None:
    person = add_newcomer(ctx, clock)
    page = choose_app(enter_password(visitor, person))
    person.app.secret = secret_on(page)
    again = page.submit({"code": person.app.code(), "name": " "}, button="Continue")
    assert again.status == 422
    assert "Give it a name." in again.text


def test_an_app_is_not_enrolled_in_a_tab_that_never_showed_its_key(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_newcomer(ctx, clock)
    page = open_page(visitor, "/sign-in")
    sent = page.form("Sign in").values()
    sent |= {"username": person.username, "password": person.password}
    answer = visitor.send("POST", page.url, sent, follow=False)
    tx = answer.location.partition("tx=")[2]
    token = open_page(visitor, "/unlock").forms[0].values()["csrf_token"]
    form = {"csrf_token": token, "tx": tx, "code": "123456", "name": "x"}
    assert visitor.send("POST", f"{ISSUER}/mfa/enroll/app", form).status == 410


def test_another_person_in_the_same_tab_gets_another_key(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    first, second = add_newcomer(ctx, clock), add_newcomer(ctx, clock, "benito")
    page = choose_app(enter_password(visitor, first))
    seen = secret_on(page)
    back = open_page(visitor, f"/sign-in?tx={page.query['tx']}")
    other = back.submit({"username": second.username, "password": second.password})
    assert other.path == "/mfa/enroll"
    assert secret_on(choose_app(other)) != seen
