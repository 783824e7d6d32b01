"""Proving the mailbox by the link, in the same browser and elsewhere (case RG-11)."""

from sqlalchemy import select

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Parts
from idp.foundation.database import writing
from idp.foundation.ids import secret_hash
from idp.people.accounts.model import Account, Registration
from idp.people.credentials import passwords
from idp.web.transactions import service as transactions
from idp.web.transactions.service import ClientNote
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.registering import (
    CONTACT,
    DETAILS,
    EMAIL,
    ENROLLING,
    PASSWORD,
    choose_type,
    code_of,
    enter_code,
    finish,
    link_of,
    register,
)
from tests.flows.signing_in import add_person, all_slots_taken, cookie, open_page
from tests.parts.application import ISSUER
from tests.parts.browserless import Visitor

DEAD = "That link does not work"
CONFIRM = "Confirm your email address"


def test_the_link_in_the_same_browser_goes_on_like_the_code(
    visitor: Visitor, ctx: Context, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    page = visitor.open(link_of(read_mail(EMAIL)[0]))
    assert page.heading == CONFIRM
    assert not page.form(button="Confirm").field_names, "only the button"
    assert page.submit(button="Confirm").path == ENROLLING
    assert _account(ctx).state == "pending_mfa"
    assert visitor.open(waiting.url).status == 410, "the first tab is over, not half-open"


def test_RG_11_opening_the_link_changes_nothing_and_its_secret_leaves_the_address(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    mail = read_mail(EMAIL)[0]
    scanner = open_visitor()
    for _ in range(7):
        answer = scanner.open(link_of(mail))
        assert answer.heading == CONFIRM
        assert "token" not in answer.url
        assert link_of(mail).rpartition("=")[2] not in answer.response.text
    assert scanner.client.request("HEAD", link_of(mail)).status_code in {200, 303}
    assert _accounts(ctx) == []
    assert answer.response.headers["referrer-policy"] == "no-referrer"
    assert enter_code(waiting, code_of(mail)).path == ENROLLING


def test_RG_11_elsewhere_the_link_asks_for_the_password_and_works_once(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    mail = read_mail(EMAIL)[0]
    phone, tablet = open_visitor(), open_visitor()
    page, other = phone.open(link_of(mail)), tablet.open(link_of(mail))
    wrong = page.submit({"password": "not this one"}, button="Confirm")
    assert wrong.status == 422
    assert "That is not the password chosen at registration." in wrong.text
    assert wrong.submit({"password": PASSWORD}, button="Confirm").path == ENROLLING
    assert other.submit({"password": PASSWORD}, button="Confirm").heading == DEAD
    assert tablet.open(link_of(mail)).heading == DEAD
    assert enter_code(waiting, code_of(mail)).status == 422
    assert _account(ctx).username == DETAILS["username"]


def test_RG_11_a_link_is_dead_after_a_day_and_all_dead_links_look_alike(
    visitor: Visitor,
    open_visitor: OpenVisitor,
    ctx: Context,
    clock: FixedClock,
    read_mail: ReadMail,
) -> None:
    register(visitor)
    link = link_of(read_mail(EMAIL)[0])
    clock.advance(86_399)
    page = open_visitor().open(link)
    assert page.heading == CONFIRM
    clock.advance(1)
    late = page.submit({"password": PASSWORD}, button="Confirm")
    old, wrong = open_visitor().open(link), open_page(open_visitor(), "/verify-email/link?token=x")
    assert [answer.heading for answer in (late, old, wrong)] == [DEAD] * 3
    assert {answer.status for answer in (late, old, wrong)} == {404}
    assert old.text == wrong.text
    assert _accounts(ctx) == []


def test_whoever_proves_the_mailbox_inherits_nothing_that_somebody_else_typed(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    mail = read_mail(EMAIL)[0]
    owner = open_visitor()
    anew = owner.open(link_of(mail)).submit(button="Choose everything anew")
    assert anew.path == "/register"
    assert _registrations(ctx) == 0
    details = anew.submit({"account_type": "individual"}, button="Continue")
    assert details.form(fields=["username"]).values()["first_name"] == ""
    mine = {"username": "true.owner", "first_name": "Olga", "last_name": "Owner"}
    contact = details.submit(mine, button="Continue")
    assert EMAIL in contact.text
    assert "email" not in contact.form(button="Continue").field_names
    done = finish(contact.submit({"mobile_number": ""}, button="Continue"), "My own 9-lakes view")
    assert done.path == ENROLLING
    account = _account(ctx)
    assert (account.username, account.first_name, account.email) == ("true.owner", "Olga", EMAIL)
    assert account.email_verified_at
    assert passwords.check(ctx, account.id, "My own 9-lakes view").is_right
    assert not passwords.check(ctx, account.id, PASSWORD).is_right
    assert enter_code(waiting, code_of(mail)).status == 422


def test_choosing_anew_with_a_taken_username_leads_to_another_username(
    visitor: Visitor,
    open_visitor: OpenVisitor,
    ctx: Context,
    clock: FixedClock,
    read_mail: ReadMail,
) -> None:
    add_person(ctx, clock)
    register(visitor)
    owner = open_visitor()
    anew = owner.open(link_of(read_mail(EMAIL)[0])).submit(button="Choose everything anew")
    details = anew.submit({"account_type": "individual"}, button="Continue")
    mine = {"username": "rosario", "first_name": "Olga", "last_name": "Owner"}
    contact = details.submit(mine, button="Continue")
    page = finish(contact.submit(button="Continue"), "My own 9-lakes view")
    assert page.heading == "Choose another username"
    chosen = {"username": "olga.o", "password": "My own 9-lakes view"}
    assert page.submit(chosen, button="Continue").path == ENROLLING
    assert _account(ctx).username == "olga.o"


def test_guessing_the_password_at_the_link_stops_after_five_tries(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, read_mail: ReadMail
) -> None:
    register(visitor)
    page = open_visitor().open(link_of(read_mail(EMAIL)[0]))
    for number in range(5):
        page.submit({"password": f"guess {number}"}, button="Confirm")
    locked = page.submit({"password": PASSWORD}, button="Confirm")
    assert locked.status == 422
    assert "That is not the password chosen at registration." in locked.text
    assert _accounts(ctx) == []


def test_two_registrations_for_one_address_never_mix(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    stranger, owner = open_visitor(), open_visitor()
    register(stranger, username="stranger", password="Odd 4-leaf pickings")
    clock.advance(30)
    register(owner, username="the.owner")
    links = {link_of(mail) for mail in read_mail(EMAIL)}
    assert len(links) == 2
    pages = [owner.open(link) for link in links]
    asking = [page for page in pages if "password" in page.form(button="Confirm").field_names]
    assert len(asking) == 1, "the stranger's link asks for the stranger's password"
    answer = asking[0].submit({"password": PASSWORD}, button="Confirm")
    assert answer.status == 422
    plain = next(page for page in pages if page is not asking[0])
    assert plain.submit(button="Confirm").path == ENROLLING
    assert _account(ctx).username == "the.owner"


def test_a_link_of_a_registration_that_was_overtaken_leads_to_sign_in(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    first = open_visitor()
    register(first, username="first.one")
    first_link = link_of(read_mail(EMAIL)[0])
    clock.advance(30)
    second = open_visitor()
    waiting = register(second, username="second.one")
    enter_code(waiting, code_of(read_mail(EMAIL)[0]))
    late = open_visitor().open(first_link)
    assert late.heading == CONFIRM
    told = late.submit({"password": PASSWORD}, button="Confirm")
    assert told.heading == "You already have an account"
    assert told.link("Sign in").startswith(f"{ISSUER}/sign-in?tx=")


def test_the_way_to_a_portal_goes_on_in_the_tab_of_the_link(
    visitor: Visitor, ctx: Context, read_mail: ReadMail
) -> None:
    open_page(visitor, "/register")  # brings the browser its cookie
    portal = ClientNote("recipient-portal", "Recipient Portal")
    with writing(ctx.db):
        browser = secret_hash(cookie(visitor))
        tx = transactions.begin(ctx, browser, return_to="/oidc/resume", client=portal).handle
    details = choose_type(visitor, path=f"/register?tx={tx}")
    assert "You are on your way to Recipient Portal" in details.text
    contact = details.submit(DETAILS, button="Continue")
    finish(contact.submit(CONTACT, button="Continue"))
    confirmed = visitor.open(link_of(read_mail(EMAIL)[0])).submit(button="Confirm")
    assert confirmed.path == ENROLLING
    assert "You are on your way to Recipient Portal" in confirmed.text
    ctx.db.rollback()
    loaded = transactions.load(ctx, secret_hash(cookie(visitor)), confirmed.query["tx"])
    assert loaded
    assert loaded.return_to == "/oidc/resume"


def _account(ctx: Context) -> Account:
    ctx.db.rollback()
    found = ctx.db.scalar(select(Account).where(Account.email == EMAIL))
    assert found
    return found


def _accounts(ctx: Context) -> list[str]:
    ctx.db.rollback()
    return list(ctx.db.scalars(select(Account.username)))


def _registrations(ctx: Context) -> int:
    ctx.db.rollback()
    return len(ctx.db.scalars(select(Registration)).all())


def test_IN_06_tries_at_the_link_that_were_never_looked_at_are_not_counted(
    visitor: Visitor, open_visitor: OpenVisitor, parts: Parts, read_mail: ReadMail
) -> None:
    register(visitor)
    page = open_visitor().open(link_of(read_mail(EMAIL)[0]))
    with all_slots_taken(parts):
        statuses = {page.submit({"password": "x"}, button="Confirm").status for _ in range(5)}
    assert statuses == {503}
    assert page.submit({"password": PASSWORD}, button="Confirm").path == ENROLLING
