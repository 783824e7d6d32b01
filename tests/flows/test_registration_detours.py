"""Ways that leave the road: old tabs, repeated forms, links that lost their aim."""

import pytest
from sqlalchemy.exc import IntegrityError

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.retrying import trying_again
from idp.people.accounts import registrations
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.registering import (
    CONTACT,
    EMAIL,
    ENROLLING,
    PASSWORD,
    choose_type,
    code_of,
    enter_code,
    fill_contact,
    link_of,
    register,
)
from tests.flows.signing_in import add_person, open_page
from tests.parts.application import ISSUER
from tests.parts.browserless import Answer, Visitor

TAKEN = "rosario"


def post(page: Answer, path: str, **values: str) -> Answer:
    """Send a form of this tab to another page."""
    own = page.forms[0].values()
    sent = {"csrf_token": own["csrf_token"], "tx": own["tx"]} | values
    return page.visitor.send("POST", f"{ISSUER}{path}", sent, came_from=page.url)


def test_a_form_sent_out_of_order_leads_to_the_step_that_is_owed(visitor: Visitor) -> None:
    details = choose_type(visitor)
    assert post(details, "/register/contact", **CONTACT).path == "/register/details"
    assert finish_like(details).path == "/register/details"


def finish_like(page: Answer) -> Answer:
    """Send the last page's form from another page of the tab."""
    chosen = {"new_password": PASSWORD, "confirm_password": PASSWORD, "accept_terms": "y"}
    return post(page, "/register/password", **chosen)


def test_forms_of_the_mailbox_sent_before_there_is_a_mail_lead_back(visitor: Visitor) -> None:
    page = fill_contact(visitor)
    assert post(page, "/verify-email", code="12345678").path == "/register"
    assert post(page, "/verify-email/resend").path == "/register"
    assert post(page, "/verify-email/username", username="alice1", password="x").path == "/register"
    assert post(page, "/verify-email/confirm").status == 404
    assert post(page, "/verify-email/anew").status == 404


def test_a_proven_mailbox_that_has_an_account_stays_told_whatever_is_sent(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    waiting = register(visitor, f"{TAKEN}@example.org")
    code = code_of(read_mail(f"{TAKEN}@example.org")[0])
    add_person(ctx, clock, TAKEN)
    told = enter_code(waiting, code)
    for path in ("/verify-email", "/verify-email/resend"):
        assert post(waiting, path, code=code).path == told.path
    assert told.click("Sign in").heading == "Sign in"


def test_the_link_needs_the_password_typed(
    visitor: Visitor, open_visitor: OpenVisitor, read_mail: ReadMail
) -> None:
    register(visitor)
    page = open_visitor().open(link_of(read_mail(EMAIL)[0]))
    answer = page.submit({"password": ""}, button="Confirm")
    assert answer.status == 422
    assert "Enter the password chosen at registration." in answer.text


def test_choosing_anew_works_once_as_well(
    visitor: Visitor, open_visitor: OpenVisitor, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    mail = read_mail(EMAIL)[0]
    page = open_visitor().open(link_of(mail))
    assert enter_code(waiting, code_of(mail)).path == ENROLLING
    late = page.submit(button="Choose everything anew")
    assert late.heading == "That link does not work"


def test_choosing_anew_for_a_mailbox_that_became_an_account_tells_its_prover(
    open_visitor: OpenVisitor, clock: FixedClock, read_mail: ReadMail
) -> None:
    register(open_visitor(), username="first.one")
    page = open_visitor().open(link_of(read_mail(EMAIL)[0]))
    clock.advance(30)
    waiting = register(open_visitor(), username="second.one")
    enter_code(waiting, code_of(read_mail(EMAIL)[0]))
    assert page.submit(button="Choose everything anew").heading == "You already have an account"


def test_the_browser_that_lost_its_registration_is_asked_for_the_password(
    visitor: Visitor, clock: FixedClock, read_mail: ReadMail
) -> None:
    register(visitor)
    page = visitor.open(link_of(read_mail(EMAIL)[0]))
    visitor.client.cookies.clear()
    assert page.submit(button="Confirm").status == 403
    again = visitor.open(link_of(read_mail(EMAIL)[0]))
    assert "password" in again.form(button="Confirm").field_names


def test_questions_about_usernames_are_counted_like_registrations(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    add_person(ctx, clock, TAKEN)
    page = enter_code(register(visitor, username=TAKEN), code_of(read_mail(EMAIL)[0]))
    answers = [
        page.submit({"username": TAKEN, "password": PASSWORD}, button="Continue").status
        for _ in range(100)
    ]
    assert answers.count(422) == 99
    assert answers[-1] == 429


def test_another_username_for_a_registration_that_is_gone_tells_the_prover(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    add_person(ctx, clock, TAKEN)
    page = enter_code(register(visitor, username=TAKEN), code_of(read_mail(EMAIL)[0]))
    with writing(ctx.db):
        registrations.forget_address(ctx, EMAIL)
    answer = page.submit({"username": "maria.free", "password": PASSWORD}, button="Continue")
    assert answer.heading == "You already have an account"


def test_a_registration_is_forgotten_after_three_days(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    register(visitor)
    clock.advance(259_200)
    with writing(ctx.db):
        assert registrations.forget_expired(ctx) == 0
    clock.advance(1)
    with writing(ctx.db):
        assert registrations.forget_expired(ctx) == 1


def test_asking_for_mails_again_and_again_does_not_keep_a_registration_alive(
    visitor: Visitor, clock: FixedClock, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    for _ in range(3):
        clock.advance(80_000)
        waiting.submit(button="Send a new message")
    assert read_mail(EMAIL)
    clock.advance(19_200)
    assert visitor.open(waiting.url).status == 410


def test_a_use_case_that_met_another_runs_again_and_not_for_ever(ctx: Context) -> None:
    met: list[int] = []

    def use_case(often: int) -> str:
        met.append(1)
        if len(met) <= often:
            raise IntegrityError("INSERT", {}, Exception("unique"))
        return "done"

    assert trying_again(ctx, lambda: use_case(2)) == "done"
    met.clear()
    with pytest.raises(IntegrityError):
        trying_again(ctx, lambda: use_case(3))


def test_changing_the_address_later_than_fifteen_minutes_begins_at_the_first_page(
    visitor: Visitor, clock: FixedClock
) -> None:
    waiting = register(visitor)
    clock.advance(900)
    page = waiting.click("Wrong address")
    assert page.path == "/register"
    assert finish_like(waiting).path == "/register"


def test_the_pages_can_be_left_for_the_other_language_without_losing_anything(
    visitor: Visitor,
) -> None:
    contact = fill_contact(visitor).click("previous step")
    spanish = contact.submit(button="Español")
    assert spanish.heading == "Cómo comunicarnos con usted"
    assert spanish.form(fields=["email"]).values()["email"] == EMAIL
    assert open_page(visitor, "/register").heading == "Crear una cuenta"
