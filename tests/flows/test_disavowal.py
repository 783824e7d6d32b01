"""The link "this wasn't me": one button protects the account, and nothing happens before it."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import text

from idp.foundation.audit.service import own_history
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people import notices
from idp.people.accounts import service as accounts
from idp.people.browsers import service as browsers
from idp.people.credentials import passwords
from idp.people.organizations import service as organizations
from idp.people.rights import service as rights
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.resetting import STEP_OVER, ask, choose, prove, reset
from tests.flows.signing_in import (
    Person,
    add_person,
    code_in,
    enter_password,
    is_signed_in,
    link_in,
    open_page,
    set_state,
    sign_in,
)
from tests.parts.application import ISSUER, on_both_databases
from tests.parts.browserless import Answer, Visitor

_BUTTON = "It was not me, protect my account"
_DAY = 86_400


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody who signs in."""
    return add_person(ctx, clock)


def links(read_mail: ReadMail, person: Person) -> list[str]:
    """Return the links "this wasn't me" in a person's mails, the newest first."""
    words = [word for mail in read_mail(person.email) for word in mail.text.split()]
    return [word for word in words if word.startswith(f"{ISSUER}/not-me/link?token=")]


def told_of_a_stranger(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock
) -> tuple[Visitor, Visitor]:
    """Let the owner sign in, and then somebody else; return both browsers."""
    owner, stranger = open_visitor(), open_visitor()
    sign_in(owner, person)
    clock.advance(30)
    sign_in(stranger, person)
    clock.advance(30)
    return owner, stranger


def protect(page: Answer) -> Answer:
    """Press the button."""
    return page.submit(button=_BUTTON)


def test_one_button_ends_everything_that_somebody_else_may_hold(
    open_visitor: OpenVisitor,
    person: Person,
    ctx: Context,
    clock: FixedClock,
    read_mail: ReadMail,
) -> None:
    owner, stranger = told_of_a_stranger(open_visitor, person, clock)
    page = open_visitor().open(links(read_mail, person)[0])
    assert page.heading == "Was this not you?"
    assert "Somebody signed in from a browser that was not used before." in page.text
    assert person.username in page.text
    done = protect(page)
    assert done.heading == "Your account is protected"
    assert not is_signed_in(owner)
    assert not is_signed_in(stranger)
    ctx.db.rollback()
    assert browsers.listed(ctx, person.id) == []
    assert enter_password(stranger, person).heading == "Choose a new password first"
    row = ctx.db.execute(text("SELECT frozen_at, freeze_reason, grants_end_before FROM account"))
    frozen_at, reason, grants_end = row.one()
    assert (bool(frozen_at), reason, bool(grants_end)) == (True, "disavowed", True)
    events = {record.event for record in own_history(ctx, person.id)}
    assert {"event.disavowed", "password.reset_required", "session.ended"} <= events


def test_the_owner_is_told_how_to_get_back_in(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    protect(open_visitor().open(links(read_mail, person)[0]))
    mail = read_mail(person.email)[0]
    assert mail.subject == "Your account is protected: reset your password now"
    assert f"{ISSUER}/forgot-password" in mail.text
    assert "not-me" not in mail.text


def test_RC_07_a_factor_that_was_being_entered_opens_no_session_afterwards(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    stranger = open_visitor()
    waiting = enter_password(stranger, person)
    protect(open_visitor().open(links(read_mail, person)[0]))
    waiting.submit({"code": person.app.code()}, button="Continue")
    assert not is_signed_in(stranger)


def test_RC_08_a_reset_that_somebody_else_began_sets_no_password_afterwards(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    link, stranger = links(read_mail, person)[0], open_visitor()
    proven = prove(stranger, person, read_mail)
    clock.advance(30)
    asked = ask(open_visitor(), person.username)
    mail = read_mail(person.email)[0]
    protect(open_visitor().open(link))
    assert choose(proven).heading == STEP_OVER
    asked = asked.submit({"code": code_in(mail)}, button="Continue")
    assert asked.status == 422
    assert open_visitor().open(link_in(mail)).status == 410
    clock.advance(3600)
    assert reset(open_visitor(), person, read_mail).heading == "Your password was changed"


@on_both_databases
def test_RC_08_a_mailbox_proven_between_two_such_moments_is_proven_no_more(
    ctx: Context,
    open_visitor: OpenVisitor,
    person: Person,
    clock: FixedClock,
    read_mail: ReadMail,
) -> None:
    with writing(ctx.db):
        passwords.require_reset(ctx, person.id)
    page = prove(open_visitor(), person, read_mail)
    with writing(ctx.db):
        passwords.require_reset(ctx, person.id)
    assert choose(page).heading == STEP_OVER
    clock.advance(30)
    assert reset(open_visitor(), person, read_mail).heading == "Your password was changed"


def test_the_link_works_in_a_browser_that_is_signed_in_and_signs_it_out(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    owner, _ = told_of_a_stranger(open_visitor, person, clock)
    assert protect(owner.open(links(read_mail, person)[0])).status == 200
    assert not is_signed_in(owner)


def test_RG_11_looking_at_the_link_changes_nothing(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    owner, _ = told_of_a_stranger(open_visitor, person, clock)
    link = links(read_mail, person)[0]
    for _ in range(3):
        scanner = open_visitor()
        assert scanner.open(link).status == 200
        scanner.client.head(link)
    assert is_signed_in(owner)
    assert protect(open_visitor().open(link)).status == 200


def test_RC_06_the_token_leaves_the_address_at_once(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    link, visitor = links(read_mail, person)[0], open_visitor()
    token = urlsplit(link).query.removeprefix("token=")
    assert token not in visitor.open(link, follow=False).location
    page = visitor.open(link)
    assert token not in page.url + page.response.text
    assert page.response.headers["Referrer-Policy"] == "no-referrer"


def test_RC_02_the_link_works_once_and_its_siblings_end_with_it(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    sign_in(open_visitor(), person)
    first, second = links(read_mail, person)
    opened = open_visitor().open(first)
    protect(open_visitor().open(first))
    assert protect(opened).status == 410
    assert open_visitor().open(first).heading == "That link does not work"
    assert open_visitor().open(second).status == 410


@on_both_databases
def test_RC_02_of_two_browsers_with_one_link_at_once_one_wins(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    told_of_a_stranger(open_visitor, person, clock)
    link = links(read_mail, person)[0]
    pages = [open_visitor().open(link) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(protect, pages))
    assert sorted(answer.status for answer in answers) == [200, 410]


@on_both_databases
def test_SE_07_a_sign_in_that_ends_at_the_same_moment_leaves_no_session(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    told_of_a_stranger(open_visitor, person, clock)
    link, stranger = links(read_mail, person)[0], open_visitor()
    waiting, page = enter_password(stranger, person), open_visitor().open(link)
    with ThreadPoolExecutor(2) as pool:
        code = person.app.code()
        entering = pool.submit(waiting.submit, {"code": code}, button="Continue")
        protecting = pool.submit(protect, page)
        entering.result()
        assert protecting.result().status == 200
    assert not is_signed_in(stranger)
    ctx.db.rollback()
    assert ctx.db.scalar(text("SELECT count(*) FROM session WHERE ended_at IS NULL")) == 0


def test_RC_10_the_link_works_for_ten_days_from_its_hand_over(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    link = links(read_mail, person)[0]
    clock.advance(10 * _DAY - 1)
    page = open_visitor().open(link)
    assert page.heading == "Was this not you?"
    clock.advance(1)
    assert protect(page).status == 410


def test_F_10_a_notice_that_waited_for_days_goes_out_with_a_link_that_works(
    open_visitor: OpenVisitor, person: Person, clock: FixedClock, read_mail: ReadMail
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    clock.advance(5 * _DAY)  # nobody has handed anything over
    link = links(read_mail, person)[0]
    clock.advance(10 * _DAY - 1)
    read_mail(person.email)  # the worker deletes what is over
    assert protect(open_visitor().open(link)).status == 200


def test_F_10_a_notice_whose_link_has_died_goes_out_without_it(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    link = links(read_mail, person)[0]
    with writing(ctx.db):
        account = accounts.get(ctx, person.id)
        assert account
        notices.tell(ctx, account, "unlocked", disavowable=True)
    protect(open_visitor().open(link))
    mail = next(one for one in read_mail(person.email) if one.subject == "Your account is unlocked")
    assert "not-me" not in mail.text + mail.html
    assert "call the service desk" in mail.text


def test_every_address_of_the_account_gets_a_link_of_its_own(
    person: Person, ctx: Context, read_mail: ReadMail, open_visitor: OpenVisitor
) -> None:
    with writing(ctx.db):
        account = accounts.get(ctx, person.id)
        assert account
        account.notification_email = "second@example.org"
        notices.tell(ctx, account, "unlocked", disavowable=True)
    mails = [read_mail(address)[0] for address in (person.email, "second@example.org")]
    found = {word for mail in mails for word in mail.text.split() if "/not-me/link" in word}
    assert len(found) == 2
    page = open_visitor().open(found.pop())
    assert "The account was unlocked by a code from its mailbox." in page.text


def test_rights_rest_until_somebody_confirms_them(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    with writing(ctx.db):
        state = organizations.add(ctx, kind="state", name="The State")
        assert isinstance(state, organizations.Organization)
        rights.grant_role(ctx, account_id=person.id, organization_id=state.id, role="auditor")
    assert len(rights.access_of(ctx, person.id)) == 1
    told_of_a_stranger(open_visitor, person, clock)
    protect(open_visitor().open(links(read_mail, person)[0]))
    ctx.db.rollback()
    assert rights.access_of(ctx, person.id) == []


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "é" * 500, "%00", "' OR 1=1 --"])
def test_a_link_that_nobody_was_sent_is_a_page_that_helps(token: str, visitor: Visitor) -> None:
    answer = visitor.send("GET", f"{ISSUER}/not-me/link", {"token": token})
    assert (answer.status, answer.heading) == (410, "That link does not work")
    assert "/forgot-password" in answer.link("Reset my password")


def test_a_closed_account_has_nothing_left_to_protect(
    open_visitor: OpenVisitor, person: Person, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    link = links(read_mail, person)[0]
    set_state(ctx, person, "closed")
    assert open_visitor().open(link).status == 410


def test_a_link_of_another_purpose_protects_nothing(
    open_visitor: OpenVisitor, person: Person, read_mail: ReadMail, clock: FixedClock
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    token = links(read_mail, person)[0].partition("token=")[2]
    for path in ("/unlock/link", "/forgot-password/link"):
        assert open_page(open_visitor(), f"{path}?token={token}").status == 410


@pytest.mark.parametrize("path", ["/not-me", "/not-me/done"])
def test_a_later_step_cannot_be_reached_by_its_address(path: str, visitor: Visitor) -> None:
    assert open_page(visitor, path).status == 410
    tx = visitor.open(f"{ISSUER}/not-me/link?token=x").url.partition("tx=")[2]
    assert open_page(visitor, f"{path}?tx={tx}").status == 410


def test_the_pages_speak_spanish(
    app: Flask,
    open_visitor: OpenVisitor,
    person: Person,
    clock: FixedClock,
    read_mail: ReadMail,
) -> None:
    told_of_a_stranger(open_visitor, person, clock)
    page = open_visitor("es").open(links(read_mail, person)[0])
    assert page.heading == "¿No fue usted?"
    assert page.submit(button="No fui yo").heading == "Su cuenta está protegida"
