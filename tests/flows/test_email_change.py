"""Changing the account's address and the second one."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import db, writing
from idp.foundation.retrying import trying_again
from idp.people.accounts import lifecycle
from idp.people.accounts import service as accounts
from idp.people.email_changes import service as email_changes
from idp.people.lost_factors import service as lost_factors
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.signing_in import (
    Person,
    add_person,
    code_in,
    enter_password,
    is_signed_in,
    link_in,
    open_page,
    sign_in,
    try_password,
)
from tests.flows.test_profile import changes_recorded, kept, put
from tests.parts.application import on_both_databases
from tests.parts.browserless import Answer, Visitor

PATH = "/account/email"
NEW = "rosa.new@example.net"
CHANGED = "The new address is confirmed and in use."


def ask(visitor: Visitor, email: str = NEW, kind: str = "new") -> Answer:
    """Ask for another address in a browser that is signed in."""
    page = open_page(visitor, f"{PATH}/{kind}")
    return page.submit({"email": email, "confirm_email": email}, button="Send a code")


def confirm(page: Answer, code: str) -> Answer:
    """Type the code."""
    return page.submit({"code": code}, button="Confirm")


def changed(visitor: Visitor, read_mail: ReadMail, email: str = NEW, kind: str = "new") -> Answer:
    """Go the whole way."""
    return confirm(ask(visitor, email, kind), code_in(read_mail(email)[0]))


def said(page: Answer, email: str) -> str:
    """Return a page's text without the address that was typed and the time of day."""
    return re.sub(r"\d+:\d\d", "", page.text.replace(email, "@"))


def with_subject(read_mail: ReadMail, address: str, subject: str) -> list[str]:
    """Return the links of the mails to an address with this subject, the newest first."""
    return [link_in(mail) for mail in read_mail(address) if mail.subject == subject]


def test_RC_14_the_new_address_is_active_only_when_its_code_was_entered_and_the_old_one_is_told(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    page = ask(visitor)
    assert page.heading == "Check your email"
    assert kept(ctx, person).email == person.email
    warned = read_mail(person.email)[0]
    assert warned.subject == "A new email address was asked for"
    assert "r***@example.net" in warned.text
    assert "/email-undo/link?token=" in warned.text
    assert CHANGED in confirm(page, code_in(read_mail(NEW)[0])).text
    account = kept(ctx, person)
    assert (account.email, account.email_key) == (NEW, NEW)
    assert account.email_verified_at == clock.now()
    assert read_mail(person.email)[0].subject == "Your email addresses were changed"
    at_new = read_mail(NEW)[0]
    assert f"This address now belongs to the account {person.username}." in at_new.text
    assert "email-undo" not in at_new.text + at_new.html
    assert [
        entry and entry["kind"] for entry in changes_recorded(ctx, "profile.email_changed")
    ] == ["primary"]
    visitor.client.cookies.clear()
    assert try_password(visitor, person.email, person.password).status == 422
    assert try_password(visitor, NEW, person.password).path == "/sign-in/mfa"


def test_the_link_confirms_after_signing_in_in_another_browser(
    visitor: Visitor,
    open_visitor: OpenVisitor,
    ctx: Context,
    clock: FixedClock,
    read_mail: ReadMail,
) -> None:
    person, other = add_person(ctx, clock), open_visitor()
    sign_in(visitor, person)
    ask(visitor)
    link = link_in(read_mail(NEW)[0])
    page = other.open(link)
    assert page.path == "/sign-in"
    assert "token" not in page.url
    clock.advance(30)
    half = page.submit({"username": person.username, "password": person.password})
    page = half.submit({"code": person.app.code()}, button="Continue")
    assert (page.heading, kept(ctx, person).email) == ("Confirm the new address", person.email)
    assert f"When you confirm, you sign in with {NEW}" in page.text
    assert CHANGED in page.submit({}, button="Confirm").text
    assert kept(ctx, person).email == NEW
    assert other.open(link).heading == "That link does not work"


def test_RG_11_looking_at_links_uses_nothing_up_and_another_person_cannot_use_them(
    visitor: Visitor,
    open_visitor: OpenVisitor,
    ctx: Context,
    clock: FixedClock,
    read_mail: ReadMail,
) -> None:
    person, stranger = add_person(ctx, clock), add_person(ctx, clock, "stranger")
    sign_in(visitor, person)
    page = ask(visitor)
    link, other = link_in(read_mail(NEW)[0]), open_visitor()
    sign_in(other, stranger)
    assert other.open(link).heading == "That link does not work"
    for _ in range(3):
        assert visitor.open(link).heading == "Confirm the new address"
    assert kept(ctx, stranger).email == stranger.email
    assert CHANGED in confirm(page, code_in(read_mail(NEW)[0])).text


def test_RC_14_the_former_mailbox_undoes_the_change_and_protects_the_account(
    visitor: Visitor,
    open_visitor: OpenVisitor,
    ctx: Context,
    clock: FixedClock,
    read_mail: ReadMail,
) -> None:
    person, other = add_person(ctx, clock), open_visitor()
    sign_in(visitor, person)
    changed(visitor, read_mail)
    clock.advance(timedelta(hours=71).total_seconds())
    [link] = with_subject(read_mail, person.email, "Your email addresses were changed")
    page = other.open(link)
    assert (page.heading, kept(ctx, person).email) == ("Undo the change of email address", NEW)
    assert "rights at providers and your PIN are on hold" in page.text
    done = page.submit({}, button="Undo the change")
    assert done.heading == "Your account is protected"
    assert "Your former email address is back." in done.text
    assert kept(ctx, person).email == person.email
    assert not is_signed_in(visitor)
    assert "reset" in try_password(other, person.username, person.password).text
    for address in (person.email, NEW):
        mail = read_mail(address)[0]
        assert mail.subject == "The change of email address was undone"
        assert "If it was not you who undid it, call the service desk" in mail.text
    dead = other.open(link)
    assert dead.heading == "That link does not work"
    assert dead.click("Reset my password").path == "/forgot-password"


def test_RC_14_undoing_stops_whatever_else_was_begun_and_lets_rights_and_pin_wait(
    visitor: Visitor,
    open_visitor: OpenVisitor,
    ctx: Context,
    clock: FixedClock,
    read_mail: ReadMail,
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    changed(visitor, read_mail)
    clock.advance(60)
    ask(visitor, "second@example.net", "second")
    with writing(ctx.db):
        account = accounts.get(ctx, person.id)
        assert account
        lost_factors.ask(ctx, account)
        lifecycle.ask_closing(ctx, account)
    [link] = with_subject(read_mail, person.email, "Your email addresses were changed")
    done = open_visitor().open(link).submit({}, button="Undo the change")
    assert "Rights at providers and your PIN are on hold" in done.text
    account = kept(ctx, person)
    assert (account.freeze_reason, account.closes_at) == ("disavowed", None)
    assert not email_changes.waiting(ctx, person.id)
    assert lost_factors.open_of(ctx, person.id) is None
    assert changes_recorded(ctx, "event.disavowed") == [{"notice": "email_change"}]


def test_undoing_a_second_address_claims_nothing_about_the_first(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    changed(visitor, read_mail, kind="second")
    assert "now go to this address as well" in read_mail(NEW)[0].text
    [link] = with_subject(read_mail, person.email, "Your email addresses were changed")
    page = visitor.open(link)
    done = page.submit({}, button="Undo the change")
    assert "Your second address for notices is as it was before." in done.text
    assert "ormer email address" not in page.text + done.text
    assert kept(ctx, person).notification_email == ""


def test_RC_14_undoing_the_first_of_two_quick_changes_restores_what_was_before_both(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person, third = add_person(ctx, clock), "third@example.net"
    sign_in(visitor, person)
    changed(visitor, read_mail)
    clock.advance(60)
    changed(visitor, read_mail, third)
    [second_undo] = with_subject(read_mail, NEW, "Your email addresses were changed")
    [first_undo] = with_subject(read_mail, person.email, "Your email addresses were changed")
    visitor.open(first_undo).submit({}, button="Undo the change")
    assert kept(ctx, person).email == person.email
    assert visitor.open(second_undo).heading == "That link does not work"


def test_the_warning_at_asking_stops_a_change_that_still_waits(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    ask(visitor)
    code_mail, [stop] = (
        read_mail(NEW)[0],
        with_subject(read_mail, person.email, "A new email address was asked for"),
    )
    page = visitor.open(stop)
    assert page.heading == "Stop the change of email address"
    assert "If you asked for it yourself, close this page. Nothing is stopped." in page.text
    done = page.submit({}, button="Stop the change")
    assert "The change is given up, and your email address stays." in done.text
    assert "ormer email address" not in page.text + done.text
    assert kept(ctx, person).email == person.email
    with writing(ctx.db):
        assert not email_changes.waiting(ctx, person.id)
    assert visitor.open(link_in(code_mail)).path == "/sign-in"


def test_RC_10_the_link_to_undo_dies_after_its_72_hours(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    changed(visitor, read_mail)
    [link] = with_subject(read_mail, person.email, "Your email addresses were changed")
    clock.advance(timedelta(hours=72).total_seconds() + 1)
    assert visitor.open(link).heading == "That link does not work"


def test_an_address_that_is_taken_meanwhile_is_not_given_back(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    changed(visitor, read_mail)
    [link] = with_subject(read_mail, person.email, "Your email addresses were changed")
    put(ctx, add_person(ctx, clock, "other1"), email=person.email, email_key=person.email)
    done = visitor.open(link).submit({}, button="Undo the change")
    assert "belongs to another account by now" in done.text
    assert "only then choose a new password" in done.text
    assert "/forgot-password" not in done.response.text
    mail = read_mail(NEW)[0]
    assert mail.subject == "Your account is protected"
    assert "only then choose a new password" in mail.text
    assert "/forgot-password" not in mail.text + mail.html
    assert kept(ctx, person).email == NEW
    assert not is_signed_in(visitor)


def test_RC_11_a_taken_address_gets_the_same_page_and_its_owner_a_mail(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person, owner = add_person(ctx, clock), add_person(ctx, clock, "owner1")
    sign_in(visitor, person)
    free = ask(visitor, NEW)
    clock.advance(60)
    taken = ask(visitor, owner.email)
    assert taken.status == free.status
    assert said(taken, owner.email) == said(free, NEW)
    [mail] = read_mail(owner.email)
    assert mail.subject == "This email address has an account already"
    assert "owner1" in mail.text
    assert confirm(taken, "12345678").status == 422


def test_the_own_address_again_is_no_change(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    answer = ask(visitor, person.email.upper())
    assert answer.status == 422
    assert "This is the address that we write to already." in answer.text


@pytest.mark.parametrize(
    "typed", ["nobody", "a@b", 'x"<script>@example.org', "a@example.org\u202e"]
)
def test_what_is_no_address_is_refused_and_shown_again(
    typed: str, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    sign_in(visitor, add_person(ctx, clock))
    answer = ask(visitor, typed)
    assert answer.status == 422
    assert "Enter an email address such as name@example.org." in answer.text
    assert answer.form("Send a code").values()["email"] == typed


def test_RC_02_only_the_newest_request_lives(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    first = ask(visitor)
    old = read_mail(NEW)[0]
    clock.advance(60)
    second = ask(visitor, "second@example.net")
    assert confirm(first, code_in(old)).path == PATH
    assert visitor.open(link_in(old)).heading == "That link does not work"
    assert CHANGED in confirm(second, code_in(read_mail("second@example.net")[0])).text
    assert kept(ctx, person).email == "second@example.net"


def test_RC_02_a_code_works_once_and_not_in_another_tab(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    page = ask(visitor)
    code = code_in(read_mail(NEW)[0])
    assert "That code does not work." in confirm(page, "00000000").text
    clock.advance(40)
    again = open_page(visitor, PATH).submit({}, button=f"Send a new code to {NEW}")
    assert again.heading == "Check your email"
    assert "That code does not work." in confirm(again, code).text
    assert CHANGED in confirm(again, code_in(read_mail(NEW)[0])).text
    assert confirm(again, code).path == PATH


def test_a_wait_that_is_given_up_is_over(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    page = ask(visitor)
    code = code_in(read_mail(NEW)[0])
    done = open_page(visitor, PATH).submit({}, button=f"Give up the change to {NEW}")
    assert "The change is given up." in done.text
    assert confirm(page, code).path == PATH
    assert kept(ctx, person).email == person.email


def test_another_persons_change_is_nobody_elses(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person, stranger, other = (
        add_person(ctx, clock),
        add_person(ctx, clock, "str01"),
        open_visitor(),
    )
    sign_in(visitor, person)
    ask(visitor)
    with writing(ctx.db):
        [change] = email_changes.waiting(ctx, person.id)
        change_id = change.id
    sign_in(other, stranger)
    token = open_page(other, f"{PATH}/new").form("Send a code").values()["csrf_token"]
    for act in ("resend", "give-up"):
        url = f"http://localhost:8000{PATH}/{change_id}/{act}"
        assert other.send("POST", url, {"csrf_token": token}).path == PATH
    with writing(ctx.db):
        assert [one.id for one in email_changes.waiting(ctx, person.id)] == [change_id]


def test_RC_12_one_person_cannot_mail_a_list_of_strangers(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    sign_in(visitor, add_person(ctx, clock))
    assert ask(visitor, "first@example.net").heading == "Check your email"
    answer = ask(visitor, "second@example.net")
    assert answer.status == 422
    assert "Please wait" in answer.text
    assert answer.form("Send a code").values()["email"] == "second@example.net"
    assert not read_mail("second@example.net")


def test_a_hold_after_help_from_the_desk_bars_every_change(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    page = ask(visitor)
    put(ctx, person, mfa_hold_until=clock.now() + timedelta(minutes=9))
    held = confirm(page, code_in(read_mail(NEW)[0]))
    assert "no address can be changed before" in held.text
    assert kept(ctx, person).email == person.email
    assert ask(visitor, "other@example.net").path == PATH
    clock.advance(9 * 60)
    assert CHANGED in confirm(page, code_in(read_mail(NEW)[0])).text


def test_a_second_address_gets_notices_and_can_be_removed(
    visitor: Visitor,
    open_visitor: OpenVisitor,
    ctx: Context,
    clock: FixedClock,
    read_mail: ReadMail,
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    assert CHANGED in changed(visitor, read_mail, kind="second").text
    account = kept(ctx, person)
    assert (account.email, account.notification_email) == (person.email, NEW)
    assert try_password(open_visitor(), NEW, person.password).status == 422
    removed = open_page(visitor, PATH).submit({}, button="Remove the second address")
    assert "The second address is removed." in removed.text
    assert kept(ctx, person).notification_email == ""
    for address in (person.email, NEW):
        assert read_mail(address)[0].subject == "Your second address was removed"


def test_a_second_address_that_becomes_the_first_is_no_second_one_any_more(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    put(ctx, person, notification_email=NEW)
    sign_in(visitor, person)
    changed(visitor, read_mail)
    account = kept(ctx, person)
    assert (account.email, account.notification_email) == (NEW, "")


def test_MF_10_asking_needs_a_factor_shown_lately(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    sign_in(visitor, add_person(ctx, clock))
    for _ in range(2):
        clock.advance(12 * 60)
        open_page(visitor, "/account")
    assert open_page(visitor, PATH).path == "/sign-in"
    assert open_page(visitor, f"{PATH}/second").path == "/sign-in"


def test_another_language_keeps_the_typed_address(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    sign_in(visitor, add_person(ctx, clock))
    typed = open_page(visitor, f"{PATH}/new").form("Send a code").values() | {"email": "half@"}
    answer = visitor.send("POST", f"http://localhost:8000{PATH}/new?lang=es", typed)
    assert (answer.status, answer.heading) == (200, "Cambiar su correo electrónico")
    assert answer.form("Enviar un código").values()["email"] == "half@"


@on_both_databases
def test_RC_14_two_accounts_that_confirm_one_address_at_once_leave_one_owner(
    app: Flask, parts: Parts, ctx: Context, clock: FixedClock
) -> None:
    people = [add_person(ctx, clock, name) for name in ("first1", "second")]

    def confirm_directly(person: Person) -> bool:
        with app.app_context():
            own = parts.context(db.session(), Origin.system("test"))

            def use_case() -> bool:
                account = accounts.get(own, person.id)
                assert account
                change = email_changes.ask(own, account, "primary", NEW)
                return email_changes.confirm(own, account, change, "code") is None

            return trying_again(own, use_case)

    with ThreadPoolExecutor() as pool:
        assert sorted(pool.map(confirm_directly, people)) == [False, True]
    assert [kept(ctx, person).email for person in people].count(NEW) == 1


def test_half_way_people_see_nothing(visitor: Visitor, ctx: Context, clock: FixedClock) -> None:
    enter_password(visitor, add_person(ctx, clock))
    assert open_page(visitor, PATH).path == "/sign-in"


def test_changes_are_forgotten_when_no_link_leads_to_them_any_more(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    changed(visitor, read_mail)
    clock.advance(timedelta(days=30).total_seconds())
    with writing(ctx.db):
        assert email_changes.forget_old(ctx) == 0
    clock.advance(1)
    with writing(ctx.db):
        assert (email_changes.forget_old(ctx), email_changes.forget_old(ctx)) == (1, 0)
    assert kept(ctx, person).email == NEW
