"""Losing every second factor: a code, a day's wait that can be stopped, a link, a new factor."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts import freezing
from idp.people.accounts.service import Account
from idp.people.lost_factors import service as lost_factors
from idp.people.lost_factors.service import LostFactor
from idp.people.rights import service as rights
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.losing import (
    CANCEL,
    DAY,
    REPLACE,
    SECOND,
    account_of,
    add_place,
    ask,
    change,
    enroll,
    give_role,
    link_to,
    not_me,
    recorded,
    use_link,
    wait,
)
from tests.flows.signing_in import (
    WRONG,
    Person,
    add_newcomer,
    add_person,
    code_in,
    enter_password,
    is_signed_in,
    open_page,
    set_state,
    sign_in,
)
from tests.parts.application import ISSUER, on_both_databases
from tests.parts.browserless import Answer, Visitor

_BANNER = "Your second factor is about to be replaced"
_DEAD = "That link does not work"


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody with two addresses, whose phone is gone."""
    person = add_person(ctx, clock)
    change(ctx, person, notification_email=SECOND)
    return person


def states(ctx: Context) -> list[tuple[str, str | None]]:
    """Return what became of every recovery: its state, and what cancelled it."""
    ctx.db.rollback()
    rows = ctx.db.scalars(select(LostFactor).order_by(LostFactor.asked_at)).all()
    return [(row.state, row.cancelled_by) for row in rows]


def test_after_a_day_the_link_and_the_password_lead_to_a_new_factor(
    visitor: Visitor, open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    waiting = ask(visitor, person, read_mail)
    assert waiting.heading == "A new second factor: what comes next"
    assert not is_signed_in(visitor)
    for address in (person.email, SECOND):
        assert read_mail(address)[0].subject == _BANNER
    link = wait(clock, read_mail, person)
    assert read_mail(SECOND)[0].subject == "Your second factor can now be replaced"
    assert REPLACE not in read_mail(SECOND)[0].text
    former, elsewhere = person.app, open_visitor()
    enrolling = use_link(elsewhere, link, person)
    assert enrolling.path == "/mfa/enroll"
    assert not is_signed_in(elsewhere)
    for address in (person.email, SECOND):
        assert read_mail(address)[0].subject == "Your second factors no longer work"
    assert enroll(enrolling, person, clock).path == "/account"
    assert is_signed_in(elsewhere)
    refused = enter_password(visitor, person).submit({"code": former.code()}, button="Continue")
    assert "That code does not match." in refused.text
    assert recorded(ctx, "recovery.") == [
        "recovery.asked", "recovery.ready", "recovery.completed",
    ]  # fmt: skip


def test_the_whole_way_in_spanish(
    open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    change(ctx, person, language="es")
    visitor = open_visitor("es")
    page = enter_password(visitor, person).click("No tengo ninguno de estos")
    assert page.heading == "No tiene a mano un segundo factor"
    asked = page.submit(button="Enviar un código")
    assert "r***@example.org" in asked.text
    mail = read_mail(person.email)[0]
    assert mail.subject == "Su código para un segundo factor nuevo"
    page = asked.submit({"code": code_in(mail)}, button="Comenzar la espera")
    assert page.heading == "Un segundo factor nuevo: qué sigue"
    clock.advance(DAY)
    page = visitor.open(link_to(read_mail(person.email), REPLACE))
    assert page.heading == "Configurar un segundo factor nuevo"
    page = page.submit({"password": WRONG})
    assert "Esa contraseña no es correcta." in page.text


def test_nothing_of_it_is_reached_without_the_right_password(
    visitor: Visitor, person: Person, read_mail: ReadMail
) -> None:
    assert open_page(visitor, "/lost-factor").status == 410
    assert open_page(visitor, "/lost-factor/code").status == 410
    page = open_page(visitor, "/unlock").submit({"username": person.username})
    for path in ("/lost-factor", "/lost-factor/code"):
        assert open_page(visitor, f"{path}?tx={page.query['tx']}").path == "/sign-in"
    assert not read_mail(person.email)


def test_MF_10_the_code_is_asked_for_before_anything_begins(
    visitor: Visitor, ctx: Context, person: Person, read_mail: ReadMail
) -> None:
    page = enter_password(visitor, person).click("I have none of these")
    asked = page.submit(button="Send a code")
    refused = asked.submit({"code": "00000000"}, button="Begin the wait")
    assert "That code does not work." in refused.text
    assert states(ctx) == []
    code = code_in(read_mail(person.email)[0])
    begun = refused.submit({"code": code}, button="Begin the wait")
    assert begun.status == 200
    assert states(ctx) == [("waiting", None)]


def test_RC_10_a_code_of_ten_minutes_is_too_old(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    page = enter_password(visitor, person).click("I have none of these")
    asked = page.submit(button="Send a code")
    code = code_in(read_mail(person.email)[0])
    clock.advance(600)
    refused = asked.submit({"code": code}, button="Begin the wait")
    assert "That code does not work." in refused.text
    assert states(ctx) == []


def test_a_code_for_another_purpose_begins_nothing(
    visitor: Visitor, ctx: Context, person: Person, read_mail: ReadMail
) -> None:
    other = open_page(visitor, "/forgot-password").submit({"username": person.username})
    code = code_in(read_mail(person.email)[0])
    assert other.status == 200
    page = enter_password(visitor, person).click("I have none of these")
    asked = page.submit(button="Send a code")
    refused = asked.submit({"code": code}, button="Begin the wait")
    assert "That code does not work." in refused.text
    assert states(ctx) == []


def test_a_new_code_is_sent_after_a_short_wait(
    visitor: Visitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    page = enter_password(visitor, person).click("I have none of these")
    asked = page.submit(button="Send a code")
    early = asked.submit(button="Send a new code")
    assert "Seconds left: 30." in early.text
    older = code_in(read_mail(person.email)[0])
    clock.advance(30)
    asked = early.submit(button="Send a new code")
    newer = code_in(read_mail(person.email)[0])
    refused = asked.submit({"code": older}, button="Begin the wait")
    assert "That code does not work." in refused.text
    assert refused.submit({"code": newer}, button="Begin the wait").status == 200


def test_RC_07_in_a_password_reset_the_mailbox_does_not_count_twice(
    visitor: Visitor, ctx: Context, person: Person, read_mail: ReadMail
) -> None:
    asked = open_page(visitor, "/forgot-password").submit({"username": person.username})
    code = code_in(read_mail(person.email)[0])
    factor = asked.submit({"code": code}, button="Continue")
    assert factor.path == "/sign-in/mfa"
    page = factor.click("I have none of these")
    assert page.heading == "You need one more proof"
    sent = {"csrf_token": factor.forms[0].values()["csrf_token"], "tx": factor.query["tx"]}
    answer = visitor.send("POST", f"{ISSUER}/lost-factor", sent)
    assert answer.heading == "You need one more proof"
    assert states(ctx) == []


@pytest.mark.parametrize("seconds", [0, DAY - 1])
def test_before_a_day_is_over_there_is_no_link(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail,
    seconds: int,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    clock.advance(seconds)
    assert all(REPLACE not in mail.text for mail in read_mail(person.email))
    assert states(ctx) == [("waiting", None)]


def test_signing_in_with_the_old_factor_stops_it(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    clock.advance(30)
    sign_in(open_visitor(), person)
    assert states(ctx) == [("cancelled", "factor")]
    for address in (person.email, SECOND):
        mail = read_mail(address)[0]
        assert mail.subject == "Your second factor is not replaced"
        assert "said to be lost" in mail.text
    clock.advance(DAY)
    assert all(REPLACE not in mail.text for mail in read_mail(person.email))


def test_signing_in_with_a_recovery_code_stops_it_even_when_the_link_was_sent(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    link = wait(clock, read_mail, person)
    page = enter_password(visitor, person).click("Use a recovery code instead")
    page.submit({"code": person.codes[0]}, button="Continue")
    assert is_signed_in(visitor)
    assert states(ctx) == [("cancelled", "factor")]
    assert open_visitor().open(link).heading == _DEAD


def test_the_cancel_link_works_from_any_browser_and_looking_uses_nothing_up(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    link = link_to(read_mail(SECOND), CANCEL)
    for _ in range(2):
        scanner = open_visitor()
        scanner.client.head(link)
        assert scanner.open(link).heading == "Cancel the replacement of a second factor"
    assert states(ctx) == [("waiting", None)]
    done = open_visitor().open(link).submit(button="Cancel the replacement")
    assert done.heading == "The replacement is cancelled"
    assert states(ctx) == [("cancelled", "link")]
    assert open_visitor().open(link).status == 410


def test_RC_06_the_tokens_leave_the_address_at_once(
    visitor: Visitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    ask(visitor, person, read_mail)
    wait(clock, read_mail, person)
    for path in (CANCEL, REPLACE):
        link = link_to(read_mail(person.email), path)
        token = link.partition("token=")[2]
        page = visitor.open(link)
        assert token not in page.url
        assert token not in page.response.text
        assert page.response.headers["Referrer-Policy"] == "no-referrer"


def test_whoever_is_signed_in_sees_it_on_every_page_and_can_cancel_it(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    sign_in(visitor, person)
    clock.advance(30)
    ask(open_visitor(), person, read_mail)
    for path in ("/account", "/account/security", "/account/sessions", "/sign-out"):
        assert _BANNER in open_page(visitor, path).text, path
    page = open_page(visitor, "/account").submit(button="Cancel the replacement")
    assert page.path == "/account"
    assert _BANNER not in page.text
    assert states(ctx) == [("cancelled", "page")]


def test_at_sign_in_it_is_seen_after_the_password_alone(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    other = open_visitor()
    assert _BANNER not in open_page(other, "/sign-in").text
    page = enter_password(other, person)
    assert _BANNER in page.text
    back = page.submit(button="Cancel the replacement")
    assert back.path == "/sign-in/mfa"
    assert _BANNER not in back.text
    assert states(ctx) == [("cancelled", "page")]


def test_this_was_not_me_stops_it(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    open_visitor().open(not_me(ctx, person, read_mail)).submit(button="It was not me")
    assert states(ctx) == [("cancelled", "disavowed")]


def test_a_stranger_cancels_nothing(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    other = open_visitor()
    sign_in(other, add_person(ctx, clock, "somebody"))
    proof = open_page(other, "/sign-out").forms[0].values()["csrf_token"]
    other.send("POST", f"{ISSUER}/lost-factor/stop", {"csrf_token": proof})
    assert open_page(other, "/lost-factor/cancel/link?token=guessed").status == 410
    assert states(ctx) == [("waiting", None)]


def test_of_thirty_days_two_may_begin(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    for _ in range(2):
        ask(visitor, person, read_mail)
        enter_password(visitor, person).submit(button="Cancel the replacement")
        clock.advance(DAY)
    refused = enter_password(visitor, person).click("I have none of these")
    assert refused.heading == "This cannot be done here again yet"
    assert refused.status == 422
    clock.advance(28 * DAY)
    assert ask(visitor, person, read_mail).status == 200
    assert [state for state, _ in states(ctx)] == ["cancelled", "cancelled", "waiting"]


def test_while_one_waits_no_other_begins(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    other = open_visitor()
    page = enter_password(other, person).click("I have none of these")
    assert page.heading == "A new second factor: what comes next"
    sent = {"csrf_token": page.forms[0].values()["csrf_token"], "tx": page.query["tx"]}
    other.send("POST", f"{ISSUER}/lost-factor", sent)
    assert len(states(ctx)) == 1


def test_the_second_link_works_for_a_day_and_then_everything_stays(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    link = wait(clock, read_mail, person)
    clock.advance(DAY)
    assert open_visitor().open(link).heading == _DEAD
    assert read_mail(person.email)[0].subject == "Your second factor was not replaced in time"
    assert states(ctx) == [("expired", None)]
    sign_in(visitor, person)
    assert is_signed_in(visitor)
    assert recorded(ctx, "recovery.expired") == ["recovery.expired"]


def test_RC_02_the_second_link_works_once(
    visitor: Visitor, open_visitor: OpenVisitor, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    link = wait(clock, read_mail, person)
    waiting = open_visitor().open(link)
    assert use_link(visitor, link, person).path == "/mfa/enroll"
    again = waiting.submit({"password": person.password}, button="End the old factors")
    assert (again.status, again.heading) == (410, _DEAD)
    assert open_visitor().open(link).heading == _DEAD


def test_the_second_link_asks_for_the_password_which_is_counted(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    ask(visitor, person, read_mail)
    page = visitor.open(wait(clock, read_mail, person))
    for _ in range(5):
        page = page.submit({"password": WRONG}, button="End the old factors")
        assert "That password is not right." in page.text
    locked = page.submit({"password": person.password}, button="End the old factors")
    assert "Too many tries with this sign-in name." in locked.text
    assert states(ctx) == [("ready", None)]


def test_the_link_that_cancels_does_not_replace_and_the_other_way_round(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    ask(visitor, person, read_mail)
    replace = wait(clock, read_mail, person)
    cancel = link_to(read_mail(person.email), CANCEL)
    for path, link in ((REPLACE, cancel), (CANCEL, replace)):
        token = link.partition("token=")[2]
        assert open_page(visitor, f"{path}?token={token}").status == 410
    assert states(ctx) == [("ready", None)]


def test_what_is_replaced_ends_sessions_and_browsers_and_freezes_rights_but_not_the_account(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    give_role(ctx, person, add_place(ctx), "delegated_administrator")
    sub = account_of(ctx, person).sub
    ask(visitor, person, read_mail)
    link = wait(clock, read_mail, person)
    enrolling = use_link(visitor, link, person)
    account = account_of(ctx, person)
    assert (account.sub, account.state) == (sub, "pending_mfa")
    assert account.grants_end_before is None
    assert (account.freeze_reason, rights.access_of(ctx, person.id)) == ("recovery", [])
    assert not ctx.db.scalar(text("SELECT count(*) FROM known_browser WHERE ended_at IS NULL"))
    enroll(enrolling, person, clock)
    assert account_of(ctx, person).state == "active"
    assert rights.access_of(ctx, person.id) == []
    with writing(ctx.db):
        freezing.unfreeze(ctx, ctx.db.get_one(Account, person.id))
    assert [held["role"] for held in rights.access_of(ctx, person.id)] == [
        "delegated_administrator"
    ]
    assert recorded(ctx, "account.") == ["account.frozen", "account.unfrozen"]


def test_RC_07_until_the_new_factor_is_enrolled_the_mailbox_alone_resets_no_password(
    visitor: Visitor, open_visitor: OpenVisitor, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    use_link(visitor, wait(clock, read_mail, person), person)
    other = open_visitor()
    asked = open_page(other, "/forgot-password").submit({"username": person.username})
    page = asked.submit({"code": code_in(read_mail(person.email)[0])}, button="Continue")
    assert page.path == "/sign-in/mfa"


def test_whoever_stops_half_way_goes_on_at_the_next_sign_in(
    visitor: Visitor, open_visitor: OpenVisitor, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    use_link(visitor, wait(clock, read_mail, person), person)
    other = open_visitor()
    page = enter_password(other, person)
    assert page.path == "/mfa/enroll"
    enroll(page, person, clock)
    assert is_signed_in(other)


def test_a_suspended_account_is_not_recovered(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    page = visitor.open(wait(clock, read_mail, person))
    set_state(ctx, person, "suspended")
    refused = page.submit({"password": person.password}, button="End the old factors")
    assert "That password is not right." in refused.text
    assert states(ctx) == [("ready", None)]


def test_who_never_had_a_factor_enrols_one_instead(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    page = enter_password(visitor, add_newcomer(ctx, clock))
    tx = page.query["tx"]
    assert open_page(visitor, f"/lost-factor?tx={tx}").path == "/mfa/enroll"


@on_both_databases
def test_RC_02_of_two_browsers_with_the_second_link_at_once_one_wins(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    link = wait(clock, read_mail, person)
    pages = [open_visitor().open(link) for _ in range(2)]
    answers = at_once(
        *(lambda page=page: page.submit({"password": person.password}) for page in pages)
    )
    assert sorted(answer.status for answer in answers) == [200, 410]
    assert states(ctx) == [("completed", None)]


@on_both_databases
def test_of_a_cancelling_and_a_completing_at_once_one_wins(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    link = wait(clock, read_mail, person)
    cancel = open_visitor().open(link_to(read_mail(person.email), CANCEL))
    replace = open_visitor().open(link)
    answers = at_once(
        lambda: cancel.submit(button="Cancel the replacement"),
        lambda: replace.submit({"password": person.password}),
    )
    cancelled, replaced = (answer.status == 200 for answer in answers)
    assert cancelled != replaced
    assert states(ctx) == ([("cancelled", "link")] if cancelled else [("completed", None)])
    assert account_of(ctx, person).state == ("active" if cancelled else "pending_mfa")


@on_both_databases
def test_of_a_sign_in_and_a_completing_at_once_one_wins(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, person: Person, clock: FixedClock,
    read_mail: ReadMail,
) -> None:  # fmt: skip
    ask(visitor, person, read_mail)
    link = wait(clock, read_mail, person)
    owner = open_visitor()
    factor, replace = enter_password(owner, person), open_visitor().open(link)
    at_once(
        lambda: factor.submit({"code": person.app.code()}, button="Continue"),
        lambda: replace.submit({"password": person.password}),
    )
    is_cancelled = states(ctx) == [("cancelled", "factor")]
    assert is_cancelled or states(ctx) == [("completed", None)]
    assert is_signed_in(owner) is is_cancelled


@on_both_databases
def test_two_workers_send_the_second_link_once(
    visitor: Visitor, ctx: Context, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    ask(visitor, person, read_mail)
    clock.advance(DAY)
    with writing(ctx.db):
        assert lost_factors.send_links(ctx) == 1
    with writing(ctx.db):
        assert lost_factors.send_links(ctx) == 0
    ready = [mail for mail in read_mail(person.email) if REPLACE in mail.text]
    assert len(ready) == 1


def at_once(*acts: Callable[[], Answer]) -> list[Answer]:
    """Do several things at the same moment."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.result() for one in [pool.submit(act) for act in acts]]
