"""Registering, page by page, and proving the mailbox by the code."""

import pytest
from sqlalchemy import select

from idp.foundation.audit.model import AuditEvent
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.people.accounts import service as accounts
from idp.people.accounts.model import Registration, TermsAcceptance
from idp.people.accounts.service import Account
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.registering import (
    BUSINESS,
    CONTACT,
    DETAILS,
    EMAIL,
    ENROLLING,
    NEW_PASSWORD,
    PASSWORD,
    WAITING,
    choose_type,
    code_of,
    enter_code,
    fill_contact,
    fill_details,
    finish,
    register,
    without,
)
from tests.flows.signing_in import (
    add_person,
    cookie,
    is_signed_in,
    open_page,
    try_password,
)
from tests.parts.application import ISSUER
from tests.parts.browserless import Visitor


def test_a_citizen_registers_and_proves_the_mailbox_by_the_code(
    visitor: Visitor, ctx: Context, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    assert waiting.heading == WAITING
    assert waiting.status == 200
    assert f"If {EMAIL} can be used here, we have sent a message." in waiting.text
    before = cookie(visitor)
    enrolling = enter_code(waiting, code_of(read_mail(EMAIL)[0]))
    assert enrolling.path == ENROLLING
    # The cookie that anybody could have planted is worth nothing any more (case SE-01).
    assert cookie(visitor) != before
    assert not is_signed_in(visitor)
    account = _account(ctx)
    assert (account.state, account.account_type) == ("pending_mfa", "individual")
    assert account.email_verified_at == ctx.now()
    assert (account.first_name, account.last_name) == ("María", "O'Rivera-Núñez")
    assert (account.prefix, account.middle_initial, account.suffix) == ("Dr.", "E", "Jr.")
    assert account.mobile_number == "+19195550123"


def test_what_happened_is_recorded_and_the_terms_are_kept_with_their_version(
    visitor: Visitor, ctx: Context, read_mail: ReadMail
) -> None:
    enter_code(register(visitor), code_of(read_mail(EMAIL)[0]))
    account = _account(ctx)
    accepted = ctx.db.get(TermsAcceptance, (account.id, ctx.policies.accounts.terms_version))
    assert accepted
    events = ctx.db.scalars(select(AuditEvent.event).where(AuditEvent.subject_id == account.id))
    assert {"email.verified", "registration.completed", "terms.accepted"} <= set(events)
    assert not ctx.db.scalars(select(Registration)).all()


def test_the_new_person_is_welcomed_and_signs_in_with_the_chosen_password(
    visitor: Visitor, open_visitor: OpenVisitor, read_mail: ReadMail
) -> None:
    enter_code(register(visitor), code_of(read_mail(EMAIL)[0]))
    welcome = read_mail(EMAIL)[0]
    assert welcome.subject == "Your account is ready"
    assert DETAILS["username"] in welcome.text
    assert try_password(open_visitor(), "Maria.Rivera", PASSWORD).path == ENROLLING


def test_a_business_adds_its_name_and_the_persons_role(
    visitor: Visitor, ctx: Context, read_mail: ReadMail
) -> None:
    page = choose_type(visitor, "business")
    refused = page.submit(DETAILS, button="Continue")
    assert refused.status == 422
    assert "Enter the name of the business or provider." in refused.text
    contact = refused.submit(DETAILS | BUSINESS, button="Continue")
    waiting = finish(contact.submit(CONTACT, button="Continue"))
    enter_code(waiting, code_of(read_mail(EMAIL)[0]))
    account = _account(ctx)
    assert account.account_type == "business"
    assert (account.business_name, account.business_role) == tuple(BUSINESS.values())


def test_a_government_employee_is_told_to_ask_the_delegated_administrator(
    visitor: Visitor,
) -> None:
    page = choose_type(visitor, "employee")
    assert page.path == "/register/employee"
    assert "delegated administrator" in page.text
    assert "919-555-0100" in page.text


def test_a_business_that_turns_out_to_be_a_citizen_leaves_the_business_behind(
    visitor: Visitor, ctx: Context, read_mail: ReadMail
) -> None:
    contact = choose_type(visitor, "business").submit(DETAILS | BUSINESS, button="Continue")
    again = contact.click("previous step").click("previous step")
    details = again.submit({"account_type": "individual"}, button="Continue")
    assert "Name of the business" not in details.text
    contact = details.submit(button="Continue")
    enter_code(finish(contact.submit(CONTACT, button="Continue")), code_of(read_mail(EMAIL)[0]))
    assert _account(ctx).business_name == ""


def test_going_back_and_reloading_lose_nothing_that_was_typed(visitor: Visitor) -> None:
    password = fill_contact(visitor)
    contact = password.click("previous step")
    assert contact.form(fields=["email"]).values()["confirm_email"] == EMAIL
    details = contact.click("previous step")
    assert details.form(fields=["username"]).values()["last_name"] == DETAILS["last_name"]
    again = visitor.open(password.url)
    assert again.heading == "Choose a password"


def test_a_later_page_cannot_be_reached_by_its_address_alone(visitor: Visitor) -> None:
    details = choose_type(visitor)
    tx = details.query["tx"]
    for path in ("/register/contact", "/register/password"):
        assert open_page(visitor, f"{path}?tx={tx}").path == "/register/details"
        assert open_page(visitor, path).status == 410
    for path in ("", "/username", "/registered"):
        assert open_page(visitor, f"/verify-email{path}?tx={tx}").path == "/register"
    assert open_page(visitor, f"/verify-email/confirm?tx={tx}").status == 404


def test_another_browser_cannot_go_on_with_somebodys_registration(
    visitor: Visitor, open_visitor: OpenVisitor
) -> None:
    password = fill_contact(visitor)
    stranger = open_visitor().open(password.url)
    assert stranger.status == 410
    assert EMAIL not in stranger.text


def test_every_unmet_rule_of_the_password_is_shown_at_once_at_its_field(visitor: Visitor) -> None:
    page = fill_contact(visitor)
    answer = page.submit(
        {"new_password": "maria123", "confirm_password": "other"}, button="Continue"
    )
    assert answer.status == 422
    for words in (
        "Use at least 4 of these",
        "Leave out your username",
        "Leave out rows such as 123",
        "The two passwords are not the same.",
        "To have an account, accept the terms of use.",
    ):
        assert words in answer.text
    box = next(part for part in answer.document.all("input") if part.get("name") == "new_password")
    assert "new_password-error" in box.get("aria-describedby").split()
    assert box.get("aria-invalid") == "true"
    assert box.get("value") == ""


@pytest.mark.parametrize(
    "password",
    [
        "maria.RIVERA-9!",
        "!9-AREVIR.airam",
        "Xx7 MARÍA zoo-w",
        "Xx7 zenun zoo-W",
        "O'Rivera 77 xW",
    ],
)
def test_RG_15_a_password_that_holds_a_name_is_refused_with_the_reason(
    password: str, visitor: Visitor
) -> None:
    answer = finish(fill_contact(visitor), password)
    assert answer.status == 422
    assert "Leave out your username and every part of your name" in answer.text


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Password1!", "Most of this is one common word."),
        ("P@ssw0rd", "Attackers know this password"),
        ("NCTracks2026!", "Most of this is one common word."),
        ("Basketball-9", "Most of this is one common word."),
    ],
)
def test_RG_16_common_words_and_breached_passwords_are_refused_with_the_reason(
    password: str, reason: str, visitor: Visitor
) -> None:
    answer = finish(fill_contact(visitor), password)
    assert answer.status == 422
    assert reason in answer.text


def test_RG_13_whoever_has_not_proven_the_mailbox_cannot_sign_in_or_recover(
    visitor: Visitor, open_visitor: OpenVisitor, read_mail: ReadMail
) -> None:
    register(visitor)
    for name in (DETAILS["username"], EMAIL):
        answer = try_password(open_visitor(), name, PASSWORD)
        assert answer.path == "/sign-in"
        assert "That username or password is not right." in answer.text
    asked = open_page(open_visitor(), "/unlock")
    asked.submit({"username": EMAIL})
    assert [mail.subject for mail in read_mail(EMAIL)] == ["Confirm your email address"]


def test_an_unfinished_registration_is_over_after_fifteen_minutes_without_activity(
    visitor: Visitor, clock: FixedClock
) -> None:
    page = fill_contact(visitor)
    clock.advance(899)
    assert visitor.open(page.url).status == 200
    clock.advance(1)
    stale = finish(page)
    assert stale.status == 410
    assert stale.link("Begin again").endswith("/register")


def test_the_page_that_waits_lives_as_long_as_the_mailed_code(
    visitor: Visitor, clock: FixedClock, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    code = code_of(read_mail(EMAIL)[0])
    clock.advance(3599)
    # What was typed is shown to nobody who comes back to the computer now.
    contact = waiting.click("Wrong address")
    assert contact.path == "/register"
    assert enter_code(waiting, code).path == ENROLLING


def test_a_code_is_too_old_after_an_hour_but_its_link_is_not(
    visitor: Visitor, clock: FixedClock, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    code = code_of(read_mail(EMAIL)[0])
    clock.advance(3600)
    answer = enter_code(waiting, code)
    assert "That code does not work. Enter the newest code, or send a new one." in answer.text


def test_wrong_used_and_foreign_codes_get_one_answer(
    visitor: Visitor, open_visitor: OpenVisitor, read_mail: ReadMail
) -> None:
    other = register(open_visitor(), "other@example.org", username="someone.else")
    waiting = register(visitor)
    code, foreign = code_of(read_mail(EMAIL)[0]), code_of(read_mail("other@example.org")[0])
    wrong = f"{(int(code) + 1) % 10**8:08}"
    for typed in (wrong, foreign, "abc", "1234"):
        answer = enter_code(waiting, typed)
        assert answer.status == 422
        assert "That code does not work." in answer.text
    assert enter_code(waiting, f" {code[:4]} {code[4:]} ").path == ENROLLING
    assert enter_code(other, code).status == 422


def test_five_wrong_codes_void_the_code_and_a_new_message_helps(
    visitor: Visitor, clock: FixedClock, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    code = code_of(read_mail(EMAIL)[0])
    for _ in range(5):
        enter_code(waiting, f"{(int(code) + 1) % 10**8:08}")
    assert enter_code(waiting, code).status == 422
    clock.advance(30)
    again = waiting.submit(button="Send a new message")
    assert "another message is on its way" in again.text
    assert enter_code(again, code_of(read_mail(EMAIL)[0])).path == ENROLLING


def test_asking_for_mails_too_fast_sends_none_and_says_how_long_to_wait(
    visitor: Visitor, clock: FixedClock, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    early = waiting.submit(button="Send a new message")
    assert "Try again in 30 seconds." in early.text
    clock.advance(30)
    waiting.submit(button="Send a new message")
    clock.advance(59)
    assert "Try again in 1 second." in waiting.submit(button="Send a new message").text
    clock.advance(1)
    waiting.submit(button="Send a new message")
    assert len(read_mail(EMAIL)) == 1, "only the newest code is worth mailing"
    clock.advance(120)
    waiting.submit(button="Send a new message")
    assert len(read_mail(EMAIL)) == 2


def test_a_corrected_address_gets_its_own_code_and_the_old_one_proves_nothing(
    visitor: Visitor, ctx: Context, read_mail: ReadMail
) -> None:
    waiting = register(visitor, "mistyped@example.org")
    mistyped = code_of(read_mail("mistyped@example.org")[0])
    contact = waiting.click("Wrong address")
    password = contact.submit(CONTACT, button="Continue")
    waiting = finish(password)
    assert EMAIL in waiting.text
    assert enter_code(waiting, mistyped).status == 422
    assert enter_code(waiting, code_of(read_mail(EMAIL)[0])).path == ENROLLING
    assert _account(ctx).email == EMAIL


def test_sending_the_last_page_twice_leaves_the_first_code_working(
    visitor: Visitor, read_mail: ReadMail
) -> None:
    password = fill_contact(visitor)
    finish(password)
    waiting = finish(password)
    mails = read_mail(EMAIL)
    assert len(mails) == 1
    assert enter_code(waiting, code_of(mails[0])).path == ENROLLING


def test_after_the_code_reloading_and_going_back_lead_to_the_next_step(
    visitor: Visitor, read_mail: ReadMail
) -> None:
    waiting = register(visitor)
    code = code_of(read_mail(EMAIL)[0])
    enter_code(waiting, code)
    assert visitor.open(waiting.url).path == ENROLLING
    assert enter_code(waiting, code).status in {200, 403}


def test_a_registration_nobody_confirmed_never_held_its_username(
    visitor: Visitor, open_visitor: OpenVisitor, ctx: Context, read_mail: ReadMail
) -> None:
    register(visitor)
    register(open_visitor(), "second@example.org")
    waiting = register(open_visitor(), "third@example.org")
    enter_code(waiting, code_of(read_mail("third@example.org")[0]))
    assert _account(ctx).email == "third@example.org"


def test_one_address_can_register_a_hundred_times_an_hour(
    visitor: Visitor, clock: FixedClock
) -> None:
    page = fill_contact(visitor)
    for _ in range(100):
        assert finish(page).heading == WAITING
    refused = finish(page)
    assert refused.status == 429
    assert int(refused.response.headers["Retry-After"]) > 0
    clock.advance(3700)
    assert register(visitor).heading == WAITING


def test_the_language_is_that_of_the_mails_and_the_account(
    open_visitor: OpenVisitor, ctx: Context, read_mail: ReadMail
) -> None:
    page = open_page(open_visitor("es"), "/register")
    details = page.submit({"account_type": "individual"}, button="Continuar")
    contact = details.submit(DETAILS, button="Continuar")
    assert contact.form(fields=["language"]).values()["language"] == "es"
    password = contact.submit(CONTACT, button="Continuar")
    waiting = password.submit(NEW_PASSWORD, button="Continuar")
    assert waiting.heading == "Revise su correo electrónico"
    mail = read_mail(EMAIL)[0]
    assert mail.subject == "Confirme su dirección de correo electrónico"
    enter = waiting.submit({"code": code_of(mail)}, button="Confirmar")
    assert enter.path == ENROLLING
    assert _account(ctx).language == "es"


def test_a_person_who_is_signed_in_may_register_another_person(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    add_person(ctx, clock)
    assert open_page(visitor, "/register").status == 200


def test_fields_that_are_left_empty_are_named_one_by_one(visitor: Visitor) -> None:
    page = open_page(visitor, "/register").submit(button="Continue")
    assert page.status == 422
    assert "Choose what you will use the account for." in page.text
    details = choose_type(visitor).submit(without(DETAILS, *DETAILS), button="Continue")
    for words in ("Choose a username.", "Enter your first name.", "Enter your last name."):
        assert words in details.text
    assert "Use 6 to 20 characters" not in [
        part.text for part in details.document.all("div") if "error" in part.get("id")
    ]
    contact = fill_details(visitor).submit(
        without(CONTACT, "email", "confirm_email"), button="Continue"
    )
    assert "Enter your email address." in contact.text


def _account(ctx: Context) -> Account:
    ctx.db.rollback()
    found = accounts.find_by_identifier(ctx, DETAILS["username"])
    assert found
    return found


def test_LG_11_passwords_are_judged_within_the_limit_of_the_address_alone(
    visitor: Visitor, clock: FixedClock
) -> None:
    page = fill_contact(visitor)
    statuses = [finish(page, "password").status for _ in range(101)]
    assert statuses == [422] * 100 + [429]


def test_another_language_in_the_middle_of_a_form_loses_nothing_typed(visitor: Visitor) -> None:
    page = choose_type(visitor)
    typed = page.form("Continue").values() | {"username": "x", "last_name": "Half typ"}
    spanish = visitor.send("POST", f"{ISSUER}/register/details?lang=es", typed)
    assert (spanish.status, spanish.path) == (200, "/register/details")
    kept = spanish.form("Continuar").values()
    assert (kept["username"], kept["last_name"]) == ("x", "Half typ")
    assert not [field for field in spanish.document.all("input") if field.get("aria-invalid")]
    complete = kept | DETAILS | {"prefix": "Sra."}
    contact = visitor.send("POST", f"{ISSUER}/register/details", complete)
    assert contact.path == "/register/contact"
    half = contact.form("Continuar").values() | {"email": "half@", "mobile_number": "919"}
    english = visitor.send("POST", f"{ISSUER}/register/contact?lang=en", half)
    assert english.form("Continue").values()["email"] == "half@"
