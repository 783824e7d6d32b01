"""Changing the password while signed in, and what no new password may be."""

import unicodedata
from dataclasses import replace

import pytest

from idp.flows.password import service
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Parts
from idp.foundation.database import writing
from idp.people.accounts import service as accounts
from idp.people.credentials import passwords
from idp.people.credentials.hashing import HashingBusy
from idp.people.sessions import service as sessions
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.registering import NEW_PASSWORD, fill_contact
from tests.flows.resetting import NEW, choose, prove
from tests.flows.signing_in import (
    Person,
    add_person,
    all_slots_taken,
    cookie,
    enter_password,
    is_signed_in,
    open_page,
    sign_in,
    try_password,
    use_cookie,
)
from tests.parts.application import on_both_databases
from tests.parts.browserless import Answer, Visitor

CHANGE = "/account/security/password"
_USED = "You have used this password before. Choose another one."


def change(visitor: Visitor, password: str = NEW) -> Answer:
    """Send a new password from the account's page."""
    return choose(open_page(visitor, CHANGE), password)


@on_both_databases
def test_a_new_password_ends_every_other_session_and_keeps_this_one(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    here, elsewhere = open_visitor(), open_visitor()
    for visitor in (elsewhere, here):
        sign_in(visitor, person)
        clock.advance(30)
    done = change(here)
    assert done.heading == "Your password was changed"
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert read_mail(person.email)[0].subject == "Your password was changed"
    assert try_password(open_visitor(), person.username, NEW).path == "/sign-in/mfa"
    ctx.db.rollback()
    account = accounts.get(ctx, person.id)
    assert account
    assert account.grants_end_before == clock.now()


def test_SE_01_a_copy_of_the_cookie_is_worth_nothing_after_a_new_password(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person, here, copied = add_person(ctx, clock), open_visitor(), open_visitor()
    sign_in(here, person)
    use_cookie(copied, cookie(here))
    assert change(here).heading == "Your password was changed"
    assert is_signed_in(here)
    assert not is_signed_in(copied)


def test_the_page_speaks_spanish(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person, visitor = add_person(ctx, clock), open_visitor()
    sign_in(visitor, person)
    page = open_page(visitor, f"{CHANGE}?lang=es")
    assert page.heading == "Cambie su contraseña"
    assert choose(page).heading == "Su contraseña se cambió"


def test_MF_10_a_session_without_a_fresh_factor_signs_in_anew_first(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    page = open_page(visitor, CHANGE)
    for _ in range(2):
        clock.advance(600)
        open_page(visitor, "/account")
    asked = choose(page)
    assert asked.heading == "Confirm that it is you"
    factor = asked.submit({"username": person.username, "password": person.password})
    page = factor.submit({"code": person.app.code()}, button="Continue")
    assert page.path == CHANGE
    assert choose(page).heading == "Your password was changed"
    assert is_signed_in(visitor)


def test_nobody_changes_a_password_without_a_session(visitor: Visitor) -> None:
    assert open_page(visitor, CHANGE).path == "/sign-in"


def test_a_session_that_ended_while_the_form_was_open_changes_nothing(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person, visitor = add_person(ctx, clock), open_visitor()
    sign_in(visitor, person)
    page = open_page(visitor, CHANGE)
    with writing(ctx.db):
        sessions.end_all(ctx, person.id, "disavowed")
    assert choose(page).path == "/sign-in"
    assert enter_password(open_visitor(), person).path == "/sign-in/mfa"


def test_a_change_that_is_overtaken_by_the_end_of_its_session_changes_nothing(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    session = sessions.find_current(ctx, cookie(visitor))
    assert session
    assert service.owner(ctx, session).id == person.id
    with writing(ctx.db):
        sessions.end_all(ctx, person.id, "disavowed")
    assert not service.change(ctx, session, NEW)
    assert passwords.check(ctx, person.id, person.password).is_right
    with pytest.raises(LookupError):
        service.owner(ctx, replace(session, account_id="nobody"))


@on_both_databases
def test_RC_02_a_password_is_replaced_only_while_it_is_the_one_that_was_meant(
    ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    first = passwords.changed_at(ctx, person.id)
    with writing(ctx.db):
        assert passwords.replace_hash(ctx, person.id, "a hash", chosen_at=first)
    with writing(ctx.db):
        assert not passwords.replace_hash(ctx, person.id, "another", chosen_at=first)
        assert not passwords.replace_hash(ctx, "nobody", "another", chosen_at=None)
    assert passwords.changed_at(ctx, person.id) != first


@on_both_databases
def test_a_password_that_is_changed_while_it_is_checked_is_right_no_more(
    ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    checked = passwords.check(ctx, person.id, person.password)
    nobodys = passwords.check(ctx, None, person.password)
    with writing(ctx.db):
        assert passwords.is_still_right(ctx, person.id, checked)
        assert not passwords.is_still_right(ctx, person.id, nobodys)
        assert not passwords.is_still_right(ctx, "", nobodys)
    _use(ctx, person, [NEW])
    with writing(ctx.db):
        assert not passwords.is_still_right(ctx, person.id, checked)


def test_a_reset_that_somebody_began_is_void_after_a_change(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person, owner = add_person(ctx, clock), open_visitor()
    page = prove(open_visitor(), person, read_mail)
    clock.advance(30)
    sign_in(owner, person)
    change(owner, "Another lamp-post 77")
    assert choose(page).status == 410
    assert try_password(open_visitor(), person.username, "Another lamp-post 77").path != "/sign-in"


def test_the_present_password_is_no_new_one(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    page = open_page(visitor, CHANGE)
    assert "Neither your present password nor one of the 24 before it." in page.text
    refused = choose(page, person.password)
    assert refused.status == 422
    assert _USED in refused.text


def test_a_reset_refuses_a_former_password_too(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    page = choose(prove(visitor, person, read_mail), person.password)
    assert _USED in page.text
    assert choose(page).heading == "Your password was changed"


def test_the_newest_twenty_four_and_the_present_are_refused_and_no_older_one(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    _use(ctx, person, [f"Former lamp-post {number}" for number in range(101, 125)])
    account = accounts.get(ctx, person.id)
    assert account
    oldest, present = person.password, "Former lamp-post 124"
    assert passwords.judge_next(ctx, account, present) == ["used_before"]
    assert passwords.judge_next(ctx, account, oldest) == ["used_before"]
    _use(ctx, person, ["Former lamp-post 125"])
    assert passwords.judge_next(ctx, account, oldest) == []
    assert passwords.judge_next(ctx, account, "Former lamp-post 101") == ["used_before"]


def test_composed_and_decomposed_letters_are_one_former_password(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    composed, decomposed = (
        unicodedata.normalize(form, "Calm Ñuñoa-pond 42") for form in ("NFC", "NFD")
    )
    assert composed != decomposed
    _use(ctx, person, [composed, NEW])
    account = accounts.get(ctx, person.id)
    assert account
    assert passwords.judge_next(ctx, account, decomposed) == ["used_before"]


def test_IN_06_a_long_history_takes_one_hash_slot(
    ctx: Context, clock: FixedClock, parts: Parts
) -> None:
    person = add_person(ctx, clock)
    account = accounts.get(ctx, person.id)
    assert account
    with all_slots_taken(parts), pytest.raises(HashingBusy):
        passwords.judge_next(ctx, account, NEW)


@pytest.mark.parametrize("kilobytes", [1, 4, 10_000])
def test_LG_11_a_long_password_is_refused_everywhere_before_any_hash_is_computed(
    kilobytes: int,
    open_visitor: OpenVisitor,
    ctx: Context,
    clock: FixedClock,
    read_mail: ReadMail,
    parts: Parts,
) -> None:
    person, owner = add_person(ctx, clock), open_visitor()
    reset_page = prove(open_visitor(), person, read_mail)
    clock.advance(30)
    sign_in(owner, person)
    pages = [
        (open_page(open_visitor(), "/sign-in"), {"username": person.username}, ("password",)),
        (fill_contact(open_visitor()), NEW_PASSWORD, ("new_password", "confirm_password")),
        (reset_page, {}, ("new_password", "confirm_password")),
        (open_page(owner, CHANGE), {}, ("new_password", "confirm_password")),
    ]
    long = "Calm pond 42 " * (kilobytes * 1024 // 13 + 1)
    with all_slots_taken(parts):  # a hash would have to wait, and answer 503
        for page, values, fields in pages:
            refused = page.submit({**values, **dict.fromkeys(fields, long)})
            assert refused.status in {413, 422}, page.path


def _use(ctx: Context, person: Person, chosen: list[str]) -> None:
    """Give a person one password after the other."""
    for password in chosen:
        made = passwords.make_hash(ctx, password)
        with writing(ctx.db):
            passwords.set_hash(ctx, person.id, made)
