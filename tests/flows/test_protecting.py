"""What somebody else did to an account is worth nothing once its owner says so."""

import pytest

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.credentials import factors, recovery_codes
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.losing import DAY
from tests.flows.resetting import NEW as NEW_PASSWORD
from tests.flows.resetting import reset
from tests.flows.signing_in import (
    Person,
    add_person,
    is_signed_in,
    open_page,
    sign_in,
    try_password,
)
from tests.flows.test_disavowal import links, protect, told_of_a_stranger
from tests.flows.test_email_change import NEW, changed, with_subject
from tests.flows.test_profile import kept
from tests.flows.with_passkeys import add_passkey, sign_in_with
from tests.parts.browserless import Visitor

_SECOND = "second@example.net"
_CHANGED = "Your email addresses were changed"


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody with an app and recovery codes."""
    person = add_person(ctx, clock)
    with writing(ctx.db):
        recovery_codes.replace(ctx, person.id, ["0123-4567"])
    return person


def test_RC_14_this_was_not_me_gives_back_the_addresses_of_before_every_change(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    _, stranger = told_of_a_stranger(open_visitor, person, clock)
    changed(stranger, read_mail)
    clock.advance(60)
    changed(stranger, read_mail, _SECOND, "second")
    done = protect(open_visitor().open(links(read_mail, person)[0]))
    assert done.heading == "Your account is protected"
    account = kept(ctx, person)
    assert (account.email, account.notification_email) == (person.email, "")
    for address in (person.email, NEW, _SECOND):
        mail = read_mail(address)[0]
        assert mail.subject == "Your account is protected: reset your password now"
    undo = with_subject(read_mail, person.email, _CHANGED)[0]
    assert open_visitor().open(undo).heading == "That link does not work"


def test_RC_14_what_can_no_longer_be_undone_stays(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    owner, _ = told_of_a_stranger(open_visitor, person, clock)
    changed(owner, read_mail)
    link = links(read_mail, person)[0]
    clock.advance(3 * DAY)
    protect(open_visitor().open(link))
    assert kept(ctx, person).email == NEW


def test_MF_10_a_passkey_that_somebody_else_added_outlives_nothing(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    key, stranger = add_passkey(ctx, person), open_visitor()
    with writing(ctx.db):
        recovery_codes.replace(ctx, person.id, ["7654-3210"])
    page = open_visitor().open(links(read_mail, person)[0])
    assert "that were added since then no longer work" in page.text
    assert "that were added since then no longer work" in protect(page).text
    clock.advance(60)
    assert reset(open_visitor(), person, read_mail).heading == "Your password was changed"
    sign_in_with(stranger, key)
    assert not is_signed_in(stranger)
    ctx.db.rollback()
    assert [one.kind for one in factors.listed(ctx, person.id)] == ["totp"]
    assert recovery_codes.left(ctx, person.id) == 0


def test_MF_10_what_was_there_before_goes_on_working(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    protect(open_visitor().open(links(read_mail, person)[0]))
    ctx.db.rollback()
    assert factors.count(ctx, person.id) == 1
    assert recovery_codes.left(ctx, person.id) == 1


def test_MF_10_with_no_factor_left_nobody_enrols_another_by_the_password(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    with writing(ctx.db):
        factors.remove(ctx, factors.listed(ctx, person.id)[0])
        recovery_codes.replace(ctx, person.id, ["7654-3210"])
    add_passkey(ctx, person)
    protect(open_visitor().open(links(read_mail, person)[0]))
    ctx.db.rollback()
    assert factors.count(ctx, person.id) == recovery_codes.left(ctx, person.id) == 0
    assert kept(ctx, person).state == "active"
    clock.advance(60)
    assert try_password(open_visitor(), person.username, NEW_PASSWORD).status == 422


def test_RC_14_undoing_the_address_ends_the_second_one_and_the_factors_that_came_with_it(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    _, stranger = told_of_a_stranger(open_visitor, person, clock)
    changed(stranger, read_mail)
    clock.advance(60)
    changed(stranger, read_mail, _SECOND, "second")
    add_passkey(ctx, person)
    older = links(read_mail, person)[0]
    undo = with_subject(read_mail, person.email, _CHANGED)[-1]
    open_visitor().open(undo).submit({}, button="Undo the change")
    account = kept(ctx, person)
    assert (account.email, account.notification_email) == (person.email, "")
    assert [one.kind for one in factors.listed(ctx, person.id)] == ["totp"]
    assert open_visitor().open(older).status == 410


def test_RC_14_a_second_address_that_is_removed_protects_nothing_any_more(
    visitor: Visitor,
    open_visitor: OpenVisitor,
    person: Person,
    clock: FixedClock,
    read_mail: ReadMail,
) -> None:
    sign_in(visitor, person)
    changed(visitor, read_mail, _SECOND, "second")
    clock.advance(30)
    sign_in(open_visitor(), person)
    older = next(word for word in read_mail(_SECOND)[0].text.split() if "/not-me/link" in word)
    open_page(visitor, "/account/email").submit({}, button="Remove the second address")
    assert open_visitor().open(older).status == 410
    assert "/not-me/link" not in read_mail(_SECOND)[0].text
    assert open_visitor().open(links(read_mail, person)[0]).heading == "Was this not you?"


def test_RC_14_nobody_closes_an_account_whose_new_address_can_be_undone(
    visitor: Visitor, person: Person, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    sign_in(visitor, person)
    waiting = open_page(visitor, "/account/close")
    changed(visitor, read_mail)
    refused = waiting.submit({"username": person.username}, button="Close my account")
    assert refused.status == 422
    assert "Your email address is new" in refused.text
    assert kept(ctx, person).closes_at is None
    assert "can be closed after that" in open_page(visitor, "/account/close").text
    clock.advance(3 * DAY)
    sign_in(visitor, person)
    page = open_page(visitor, "/account/close")
    page.submit({"username": person.username}, button="Close my account")
    assert kept(ctx, person).closes_at is not None
