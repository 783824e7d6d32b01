"""What people say about themselves, and change."""

from collections.abc import Mapping

import pytest
from sqlalchemy import select

from idp.foundation.audit.model import AuditEvent
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.signing_in import Person, add_person, open_page, sign_in, sign_out
from tests.parts.application import ISSUER
from tests.parts.browserless import Answer, Visitor

PATH = "/account/profile"
ADDRESS = {
    "street_address": "1 East Edenton Street",
    "city": "Raleigh",
    "state": "NC",
    "postal_code": "27601",
}
CANARY = '"><script>alert(1)</script>'


def open_profile(visitor: Visitor, person: Person) -> Answer:
    """Sign in and open the page."""
    sign_in(visitor, person)
    return open_page(visitor, PATH)


def save(page: Answer, **changes: str) -> Answer:
    """Change some fields and send the form."""
    return page.submit(changes, button="Save")


def kept(ctx: Context, person: Person) -> Account:
    """Return the account as it is now."""
    ctx.db.rollback()
    account = accounts.get(ctx, person.id)
    assert account
    return account


def put(ctx: Context, person: Person, **columns: object) -> None:
    """Write into the account's columns."""
    with writing(ctx.db):
        account = accounts.get(ctx, person.id)
        assert account
        accounts.change(ctx, account, columns)


def changes_recorded(ctx: Context, event: str) -> list[Mapping[str, object] | None]:
    """Return the details of the records of an event, oldest first."""
    ctx.db.rollback()
    query = select(AuditEvent.changes).where(AuditEvent.event == event).order_by(AuditEvent.id)
    return list(ctx.db.scalars(query).all())


def test_what_is_saved_is_kept_told_by_mail_and_recorded_by_field_name_alone(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    page = open_profile(visitor, person)
    saved = save(page, prefix="Dr.", last_name="Río  Núñez", mobile_number="(919) 555-0123")
    assert (saved.path, saved.query) == (PATH, {"saved": "1"})
    assert "Your profile is saved." in saved.text
    account = kept(ctx, person)
    assert (account.prefix, account.last_name) == ("Dr.", "Río Núñez")
    assert account.mobile_number == "+19195550123"
    [changes] = changes_recorded(ctx, "profile.changed")
    assert changes == {"fields": ["last_name", "mobile_number", "prefix"]}
    [mail] = [
        mail for mail in read_mail(person.email) if mail.subject == "Your profile was changed"
    ]
    assert "last name, mobile number, title" in mail.text
    assert "Núñez" not in mail.text


def test_saving_what_is_there_already_tells_and_records_nothing(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    before = kept(ctx, person).updated_at
    clock.advance(60)
    assert "Your profile is saved." in save(open_profile(visitor, person)).text
    assert not changes_recorded(ctx, "profile.changed")
    assert kept(ctx, person).updated_at == before
    assert not [mail for mail in read_mail(person.email) if "profile" in mail.subject]


def test_a_postal_address_is_kept_as_applications_get_it(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    page = save(open_profile(visitor, person), **ADDRESS)
    assert kept(ctx, person).address == {
        "formatted": "1 East Edenton Street\nRaleigh NC 27601\nUnited States",
        "street_address": "1 East Edenton Street",
        "locality": "Raleigh",
        "region": "NC",
        "postal_code": "27601",
        "country": "United States",
    }
    form = next(form for form in page.forms if form.action == PATH)
    assert ADDRESS.items() <= form.values().items()
    save(page, **dict.fromkeys(ADDRESS, ""))
    assert kept(ctx, person).address is None


def test_an_address_that_no_form_made_stays_until_its_owner_changes_it(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person, foreign = add_person(ctx, clock), {"country": "Ireland", "formatted": "Dublin"}
    put(ctx, person, address=foreign)
    save(open_profile(visitor, person), first_name="Rosalía")
    assert kept(ctx, person).address == foreign


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"first_name": ""}, "Enter your first name."),
        ({"last_name": "a\u202eb"}, "Leave out characters that cannot be seen."),
        ({"middle_initial": "AB"}, "Enter one letter, or leave this empty."),
        ({"mobile_number": "12"}, "Enter a number such as 919-555-0123"),
        ({"language": "xx"}, "Choose a language."),
        ({"city": "Raleigh"}, "Enter the ZIP code, or leave the whole address empty."),
        ({**ADDRESS, "state": "XX"}, "Choose the state, or leave the whole address empty."),
        ({**ADDRESS, "postal_code": "276"}, "Enter a ZIP code such as 27601 or 27601-1234."),
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(
    changes: dict[str, str], told: str, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    form = next(form for form in open_profile(visitor, person).forms if form.action == PATH)
    typed = form.values() | {"suffix": "Jr."} | changes
    answer = visitor.send("POST", f"{ISSUER}{PATH}", typed)
    assert answer.status == 422
    assert told in answer.text
    shown = next(form for form in answer.forms if form.action == PATH).values()
    typed.pop("csrf_token")
    known = {name: text for name, text in typed.items() if text not in {"xx", "XX"}}
    assert known.items() <= shown.items()
    assert kept(ctx, person).suffix == ""


def test_a_business_changes_its_name_and_role(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    put(ctx, person, account_type="business", business_name="Clinic", business_role="Owner")
    save(open_profile(visitor, person), business_name="Blue Ridge & Sons")
    account = kept(ctx, person)
    assert (account.business_name, account.business_role) == ("Blue Ridge & Sons", "Owner")


@pytest.mark.parametrize("account_type", ["state", "local"])
def test_an_employees_name_is_not_changed_by_themselves(
    account_type: str, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    put(ctx, person, account_type=account_type)
    page = open_profile(visitor, person)
    assert "ask the delegated administrator of your agency" in page.text
    form = next(form for form in page.forms if form.action == PATH)
    assert "first_name" not in form.values()
    visitor.send("POST", f"{ISSUER}{PATH}", form.values() | {"first_name": "Forged", "city": ""})
    assert kept(ctx, person).first_name == "Rosa"


def test_nobody_changes_another_field_by_naming_it(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    form = next(form for form in open_profile(visitor, person).forms if form.action == PATH)
    more = {"email": "mallory@example.org", "state_": "x", "account_type": "state", "sub": "1"}
    visitor.send("POST", f"{ISSUER}{PATH}", form.values() | more)
    account = kept(ctx, person)
    assert (account.email, account.account_type) == (person.email, "individual")


def test_MF_10_the_page_needs_a_factor_shown_lately_and_keeps_what_was_typed(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    page = open_profile(visitor, person)
    for _ in range(2):
        clock.advance(12 * 60)
        open_page(visitor, "/account")
    asked = save(page, first_name="Rosalía")
    assert asked.path == "/sign-in"
    assert kept(ctx, person).first_name == "Rosa"
    half = asked.submit({"username": person.username, "password": person.password})
    back = half.submit({"code": person.app.code()}, button="Continue")
    assert back.path == PATH
    assert save(back).path == PATH
    assert kept(ctx, person).first_name == "Rosalía"


def test_another_language_keeps_what_was_typed_and_saves_nothing(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    form = next(form for form in open_profile(visitor, person).forms if form.action == PATH)
    typed = form.values() | {"first_name": "", "last_name": "Half typ"}
    answer = visitor.send("POST", f"{ISSUER}{PATH}?lang=es", typed)
    assert (answer.status, answer.heading) == (200, "Perfil")
    assert "Half typ" in answer.response.text
    assert "Escriba su nombre" not in answer.text
    assert kept(ctx, person).last_name == "Río"


def test_the_language_of_the_account_is_that_of_mails_and_pages(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    saved = save(open_profile(visitor, person), language="es")
    assert saved.heading == "Perfil"
    assert read_mail(person.email)[0].subject == "Su perfil cambió"


def test_pages_follow_the_account_that_is_signed_in_to_unless_the_browser_chose(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    person, other = add_person(ctx, clock), add_person(ctx, clock, "english")
    put(ctx, person, language="es")
    follower, chooser = open_visitor(), open_visitor()
    assert sign_in(follower, person).heading == "Su cuenta"
    assert open_page(follower, PATH).heading == "Perfil"
    sign_out(follower)
    clock.advance(30)
    half = open_page(follower, "/sign-in").submit(
        {"username": other.username, "password": other.password}
    )
    assert half.submit({"code": other.app.code()}, button="Continuar").heading == "Your account"
    open_page(chooser, "/sign-in?lang=en")
    clock.advance(30)
    assert sign_in(chooser, person).heading == "Your account"


def test_IN_01_what_people_typed_is_shown_and_mailed_as_text_alone(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    person = add_person(ctx, clock)
    put(ctx, person, account_type="business", business_name="Clinic", business_role="Owner")
    names = ("first_name", "last_name", "business_name", "business_role")
    typed = dict.fromkeys(names, CANARY) | ADDRESS | {"street_address": CANARY, "city": CANARY}
    saved = save(open_profile(visitor, person), **typed)
    for page in (saved, open_page(visitor, "/account")):
        assert "<script>alert" not in page.response.text
        assert page.status == 200
    assert kept(ctx, person).business_name == CANARY
    assert "<script>alert" not in read_mail(person.email)[0].html


def test_nobody_else_sees_the_page(visitor: Visitor) -> None:
    assert open_page(visitor, PATH).path == "/sign-in"


def test_the_page_speaks_spanish(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    visitor, person = open_visitor(), add_person(ctx, clock)
    sign_in(visitor, person)
    assert open_page(visitor, f"{PATH}?lang=es").heading == "Perfil"
