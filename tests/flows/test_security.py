"""Managing what one signs in with."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts import service as accounts
from idp.people.credentials import attempts, factors, recovery_codes, totp
from idp.people.credentials.factors import Factor
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.signing_in import (
    Person,
    add_newcomer,
    add_person,
    cookie,
    enter_password,
    is_signed_in,
    open_page,
    set_state,
    sign_in,
    use_cookie,
)
from tests.flows.with_passkeys import (
    account_of,
    add_passkey,
    ask,
    make,
    new_key,
    recorded,
    send,
    sign_in_with,
)
from tests.parts.application import ISSUER, START, on_both_databases
from tests.parts.authenticator import Authenticator
from tests.parts.browserless import Answer, Visitor

SECURITY = "/account/security"


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody with a password, an app and recovery codes."""
    return add_person(ctx, clock)


@pytest.fixture
def at_home(visitor: Visitor, person: Person) -> Visitor:
    """Their browser, just signed in."""
    sign_in(visitor, person)
    return visitor


def owned(ctx: Context, person: Person) -> list[Factor]:
    """Return what the person has now."""
    ctx.db.rollback()
    return factors.listed(ctx, person.id)


def path_of(factor: Factor) -> str:
    """Return the address of an authenticator's page."""
    return f"{SECURITY}/factors/{factor.id}"


def shown(page: Answer, element_id: str) -> list[str]:
    """Return the items, or the text, of an element."""
    found = next(one for one in page.document.all() if one.get("id") == element_id)
    return [item.text for item in found.all("li")] or [found.text]


def add_app(page: Answer, person: Person, clock: FixedClock, name: str = "Tablet") -> Answer:
    """Put the page's key into a further app and type its code."""
    app = Authenticator(shown(page, "app-key")[0].replace(" ", ""), clock.now)
    return page.submit({"code": app.code(), "name": name}, button="Continue")


def subjects(read_mail: ReadMail, person: Person) -> list[str]:
    """Return the subjects of the person's mails, the newest first."""
    return [mail.subject for mail in read_mail(person.email)]


def test_the_page_lists_everything_and_shows_no_secret(
    at_home: Visitor, ctx: Context, clock: FixedClock, person: Person
) -> None:
    add_passkey(ctx, person, name="Blue security key")
    page = open_page(at_home, SECURITY)
    for said in ("Blue security key", "on one device", "never used", "Phone", "10 recovery codes"):
        assert said in page.text
    assert "Last changed on March 2, 2026." in page.text
    for secret in (person.app.secret, *person.codes):
        assert secret not in page.response.text


# Adding


def test_a_second_app_is_added_and_signs_in(
    at_home: Visitor,
    open_visitor: OpenVisitor,
    ctx: Context,
    clock: FixedClock,
    person: Person,
    read_mail: ReadMail,
) -> None:
    page = open_page(at_home, SECURITY).click("Add an authenticator app")
    app = Authenticator(shown(page, "app-key")[0].replace(" ", ""), clock.now)
    copied = open_visitor()
    use_cookie(copied, cookie(at_home))
    done = page.submit({"code": app.code(), "name": "Tablet"}, button="Continue")
    assert (is_signed_in(at_home), is_signed_in(copied)) == (True, False)
    assert (done.path, "The authenticator app was added." in done.text) == (SECURITY, True)
    assert [one.name for one in owned(ctx, person)] == ["Phone", "Tablet"]
    assert "An authenticator app was added to your account" in subjects(read_mail, person)
    other = enter_password(open_visitor(), person)
    assert other.submit({"code": app.code()}, button="Continue").path == "/account"


def test_MF_10_the_secret_of_a_further_app_is_the_servers_own(
    at_home: Visitor, ctx: Context, clock: FixedClock, person: Person
) -> None:
    page = open_page(at_home, f"{SECURITY}/app")
    wrong = page.submit({"code": "000000", "name": "Tablet"}, button="Continue")
    assert wrong.status == 422
    assert shown(wrong, "app-key") == shown(page, "app-key")
    chosen = Authenticator("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", clock.now)
    form = page.form("Continue").values()
    sent = form | {"code": chosen.code(), "name": "x", "secret": chosen.secret}
    assert at_home.send("POST", f"{ISSUER}{SECURITY}/app", sent).status == 422
    assert len(owned(ctx, person)) == 1


def test_two_apps_are_the_most(
    at_home: Visitor, ctx: Context, clock: FixedClock, person: Person
) -> None:
    waiting = open_page(at_home, f"{SECURITY}/app")
    with writing(ctx.db):  # as from another browser: the cookie here stays, and with it the form
        totp.add_seeded_app(ctx, person.id, name="Tablet", secret=totp.new_secret(ctx.policies.mfa))
    assert "Add an authenticator app" not in open_page(at_home, SECURITY).text
    late = add_app(waiting, person, clock, "Third")
    assert "You can have 2 authenticator apps at most. Remove one first." in late.text
    assert "at most" in open_page(at_home, f"{SECURITY}/app").text
    assert len(owned(ctx, person)) == 2


@on_both_databases
def test_of_two_tabs_that_add_the_last_app_at_once_one_does(
    at_home: Visitor, ctx: Context, clock: FixedClock, person: Person
) -> None:
    pages = [open_page(at_home, f"{SECURITY}/app") for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda page: add_app(page, person, clock), pages))
    assert len(owned(ctx, person)) == 2


def test_a_passkey_is_added_and_signs_in_alone(
    at_home: Visitor,
    open_visitor: OpenVisitor,
    ctx: Context,
    person: Person,
    read_mail: ReadMail,
) -> None:
    key = new_key()
    done = make(open_page(at_home, SECURITY).click("Add a passkey"), key, name="Laptop")
    assert "The passkey was added." in done.text
    assert [one.name for one in owned(ctx, person)] == ["Laptop", "Phone"]
    assert "A passkey was added to your account" in subjects(read_mail, person)
    assert sign_in_with(open_visitor(), key).path == "/account"


def test_a_passkey_that_is_there_already_is_not_offered_again(
    at_home: Visitor, ctx: Context, person: Person
) -> None:
    key = add_passkey(ctx, person)
    page = open_page(at_home, f"{SECURITY}/passkey")
    values, options = ask(page)
    assert len(options["excludeCredentials"]) == 1
    refused = send(page, values | {"name": "Again"}, key.create(options))
    assert "That passkey is in use already." in refused.text


def test_ten_passkeys_are_the_most(at_home: Visitor, ctx: Context, person: Person) -> None:
    for number in range(10):
        add_passkey(ctx, person, name=f"Key {number}")
    assert "You can have 10 passkeys at most." in open_page(at_home, f"{SECURITY}/passkey").text


@pytest.mark.parametrize(
    ("path", "button", "says"),
    [
        ("app", "Continue", "Enter the code that your authenticator app shows."),
        ("passkey", "Create the passkey", "Passkeys need JavaScript"),
        ("recovery-codes", "I have kept my codes", "Type one of the codes above"),
    ],
)
def test_an_empty_form_says_what_to_do(
    path: str, button: str, says: str, at_home: Visitor, ctx: Context, person: Person
) -> None:
    refused = open_page(at_home, f"{SECURITY}/{path}").submit(button=button)
    assert (refused.status, says in refused.text) == (422, True)
    assert len(owned(ctx, person)) == 1


# Renaming and removing


def test_a_name_is_changed_and_the_owner_learns_of_it(
    at_home: Visitor, ctx: Context, person: Person, read_mail: ReadMail
) -> None:
    page = open_page(at_home, SECURITY).click("Change or remove Phone")
    empty = page.submit({"name": " "}, button="Save the name")
    assert "Give it a name." in empty.text
    done = empty.submit({"name": "Old phone"}, button="Save the name")
    assert "The name was changed." in done.text
    assert [one.name for one in owned(ctx, person)] == ["Old phone"]
    mail = read_mail(person.email)[0]
    assert mail.subject == "A way to sign in has another name"
    assert "Former name: Phone" in mail.text
    open_page(at_home, path_of(owned(ctx, person)[0])).submit({"name": "Old phone"})
    assert len(recorded(ctx, "mfa.renamed")) == 1, "the same name is no change"


def test_one_of_two_is_removed_and_the_last_never(
    at_home: Visitor, ctx: Context, person: Person, read_mail: ReadMail
) -> None:
    add_passkey(ctx, person, name="Laptop")
    page = open_page(at_home, SECURITY).click("Change or remove Laptop")
    done = page.submit(button="Remove it")
    assert "It was removed and no longer signs you in." in done.text
    assert read_mail(person.email)[0].subject == "A way to sign in was removed from your account"
    assert recorded(ctx, "mfa.removed") == [("success", None)]
    last = done.click("Change or remove Phone")
    assert "cannot be removed" in last.text
    form = last.form("Save the name").values()
    refused = at_home.send("POST", f"{last.url}/remove", form)
    assert (refused.status, "cannot be removed" in refused.text) == (422, True)
    assert [one.name for one in owned(ctx, person)] == ["Phone"]


@on_both_databases
def test_of_two_tabs_that_remove_one_each_at_once_the_last_stays(
    at_home: Visitor, ctx: Context, person: Person
) -> None:
    add_passkey(ctx, person)
    pages = [open_page(at_home, path_of(one)) for one in owned(ctx, person)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda page: page.submit(button="Remove it"), pages))
    # The second is told that it is the last, or comes with a cookie that was replaced.
    assert 200 in [answer.status for answer in answers]
    assert len(owned(ctx, person)) == 1


def test_AD_02_an_authenticator_of_somebody_else_is_an_address_that_leads_nowhere(
    at_home: Visitor, ctx: Context, clock: FixedClock, person: Person
) -> None:
    other = add_person(ctx, clock, "benito")
    add_passkey(ctx, other)
    form = open_page(at_home, path_of(owned(ctx, person)[0])).form("Save the name").values()
    unknown = open_page(at_home, f"{SECURITY}/factors/nobodys")
    assert unknown.status == 404
    for factor in owned(ctx, other):
        path = path_of(factor)
        assert open_page(at_home, path).heading == unknown.heading
        for ending in ("", "/remove"):
            assert at_home.send("POST", f"{ISSUER}{path}{ending}", form).status == 404
    assert [one.name for one in owned(ctx, other)] == ["Laptop", "Phone"]


# Recovery codes


def test_MF_12_new_codes_replace_the_old_ones_once_one_is_typed_back(
    at_home: Visitor,
    open_visitor: OpenVisitor,
    ctx: Context,
    person: Person,
    read_mail: ReadMail,
) -> None:
    page = open_page(at_home, SECURITY).click("Make new recovery codes")
    codes = shown(page, "recovery-codes")
    assert page.submit(button="Download as a text file").response.text.count("-") >= 30
    wrong = page.submit({"code": person.codes[0]}, button="I have kept my codes")
    assert shown(wrong, "recovery-codes") == codes
    assert use_code(open_visitor(), person, person.codes[0]).path == "/account"
    done = wrong.submit({"code": codes[3].lower()}, button="I have kept my codes")
    assert "Your new recovery codes work from now on." in done.text
    assert use_code(open_visitor(), person, person.codes[1]).status == 422
    assert use_code(open_visitor(), person, codes[3]).path == "/account"
    assert "You have new recovery codes" in subjects(read_mail, person)


def test_the_same_tab_does_not_replace_the_codes_twice(
    at_home: Visitor, ctx: Context, person: Person
) -> None:
    page = open_page(at_home, f"{SECURITY}/recovery-codes")
    code = shown(page, "recovery-codes")[0]
    assert page.submit({"code": code}, button="I have kept my codes").path == SECURITY
    assert page.submit({"code": code}, button="I have kept my codes").status == 410
    assert len(recorded(ctx, "mfa.recovery_codes_replaced")) == 1


@pytest.mark.parametrize("path", ["app", "recovery-codes"])
def test_a_form_whose_tab_never_showed_a_secret_is_over(
    path: str, at_home: Visitor, ctx: Context, person: Person
) -> None:
    form = open_page(at_home, path_of(owned(ctx, person)[0])).form("Save the name").values()
    sent = {"csrf_token": form["csrf_token"], "code": "123456", "name": "x"}
    assert at_home.send("POST", f"{ISSUER}{SECURITY}/{path}", sent).status == 410


def test_codes_shown_before_the_hold_do_not_replace_the_old_ones_during_it(
    at_home: Visitor, ctx: Context, person: Person
) -> None:
    page = open_page(at_home, f"{SECURITY}/recovery-codes")
    hold(ctx, person)
    sent = page.submit({"code": shown(page, "recovery-codes")[0]}, button="I have kept my codes")
    assert "The service desk helped you lately." in sent.text
    assert not recorded(ctx, "mfa.recovery_codes_replaced")


def use_code(visitor: Visitor, person: Person, code: str) -> Answer:
    """Sign in with a recovery code."""
    page = enter_password(visitor, person).click("Use a recovery code instead")
    return page.submit({"code": code}, button="Continue")


# After the service desk helped


@pytest.mark.parametrize("path", ["app", "passkey", "recovery-codes"])
def test_for_two_days_nothing_is_added(
    path: str,
    at_home: Visitor,
    open_visitor: OpenVisitor,
    ctx: Context,
    clock: FixedClock,
    person: Person,
) -> None:
    hold(ctx, person)
    barred = open_page(at_home, f"{SECURITY}/{path}")
    assert (barred.status, barred.heading) == (200, "This cannot be added now")
    assert "Mar 4, 2026" in barred.text
    assert barred.click("Back to how you sign in").path == SECURITY
    clock.advance(2 * 86_400)
    again = open_visitor()
    sign_in(again, person)
    assert open_page(again, f"{SECURITY}/{path}").status == 200


def test_for_two_days_nothing_is_removed(
    at_home: Visitor, ctx: Context, clock: FixedClock, person: Person
) -> None:
    add_passkey(ctx, person)
    page = open_page(at_home, path_of(owned(ctx, person)[0]))
    hold(ctx, person)
    refused = page.submit(button="Remove it")
    assert refused.status == 422
    assert "it can be removed again on Mar 4, 2026" in refused.text
    assert len(owned(ctx, person)) == 2
    assert "Add a passkey" not in open_page(at_home, SECURITY).text
    assert recorded(ctx, "mfa.held") == [("success", None)]


def test_what_was_begun_before_the_hold_is_not_added_during_it(
    at_home: Visitor, ctx: Context, clock: FixedClock, person: Person
) -> None:
    page = open_page(at_home, f"{SECURITY}/app")
    hold(ctx, person)
    assert "The service desk helped you lately." in add_app(page, person, clock).text
    assert len(owned(ctx, person)) == 1


def test_the_forced_first_enrolment_is_never_held(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    newcomer = add_newcomer(ctx, clock)
    hold(ctx, newcomer)
    page = enter_password(visitor, newcomer).click("Set up an app")
    assert page.heading == "Set up your authenticator app"


def hold(ctx: Context, person: Person) -> None:
    """Do what the service desk's help does."""
    with writing(ctx.db):
        factors.hold(ctx, account_of(ctx, person))


def test_the_end_of_a_hold_is_its_first_free_moment(
    ctx: Context, clock: FixedClock, person: Person
) -> None:
    hold(ctx, person)
    clock.advance(2 * 86_400 - 1)
    assert factors.held_until(ctx, account_of(ctx, person)) == START + timedelta(days=2)
    clock.advance(1)
    assert factors.held_until(ctx, account_of(ctx, person)) is None


# Everything lost


@on_both_databases
def test_when_everything_is_removed_the_person_enrols_anew(
    visitor: Visitor, ctx: Context, clock: FixedClock, person: Person
) -> None:
    add_passkey(ctx, person)
    other = add_person(ctx, clock, "benito")
    with writing(ctx.db):
        attempts.count_try(ctx, attempts.factors_counter(ctx, person.id))
        factors.remove_all(ctx, person.id)
        account = accounts.get(ctx, person.id)
        assert account
        accounts.set_state(ctx, account, "pending_mfa")
    assert not factors.has_any(ctx, person.id)
    assert recovery_codes.left(ctx, person.id) == 0
    assert factors.count(ctx, other.id) == 1
    assert recovery_codes.left(ctx, other.id) == 10
    assert enter_password(visitor, person).path == "/mfa/enroll"


def test_an_app_that_never_showed_a_code_was_never_used(
    ctx: Context, clock: FixedClock, person: Person
) -> None:
    assert [one.last_used_at for one in totp.list_apps(ctx, person.id)] == [None]
    with writing(ctx.db):
        assert totp.accept_code(ctx, person.id, person.app.code())
    assert [one.last_used_at for one in totp.list_apps(ctx, person.id)] == [START]


# Who may


_PAGES = [SECURITY, *(f"{SECURITY}/{name}" for name in ("app", "passkey", "recovery-codes"))]


@pytest.mark.parametrize("path", _PAGES)
def test_MF_10_nobody_else_opens_these_pages(
    path: str, open_visitor: OpenVisitor, ctx: Context, person: Person
) -> None:
    assert open_page(open_visitor(), path).path == "/sign-in"
    half = enter_password(open_visitor(), person)
    assert open_page(half.visitor, f"{path}?tx={half.query['tx']}").path == "/sign-in"


def test_MF_10_another_person_in_the_same_browser_gets_another_key(
    at_home: Visitor, ctx: Context, clock: FixedClock, person: Person
) -> None:
    page = open_page(at_home, f"{SECURITY}/app")
    sign_in_as_other = add_person(ctx, clock, "benito")
    at_home.send("POST", f"{ISSUER}/sign-out", page.form("Continue").values())
    sign_in(at_home, sign_in_as_other)
    again = at_home.open(page.url)
    assert again.status == 410 or shown(again, "app-key") != shown(page, "app-key")


def test_a_suspended_persons_pages_are_closed_at_once(
    at_home: Visitor, ctx: Context, person: Person
) -> None:
    set_state(ctx, person, "suspended")
    assert open_page(at_home, f"{SECURITY}/app").path == "/sign-in"


def test_the_pages_speak_spanish(open_visitor: OpenVisitor, ctx: Context, person: Person) -> None:
    visitor = open_visitor("es")
    page = enter_password(visitor, person)
    page.submit({"code": person.app.code()}, button="Continuar")
    page = open_page(visitor, SECURITY)
    assert page.heading == "Cómo inicia sesión"
    assert page.click("Agregar una llave de acceso").heading == "Agregar una llave de acceso"
    codes = page.click("Generar códigos de recuperación nuevos")
    assert "Sus códigos anteriores funcionan" in codes.text


@pytest.mark.parametrize("canary", ["<b>x</b>", '"><script>alert(1)</script>', "{{7*7}}"])
def test_IN_01_a_name_is_text_everywhere(
    canary: str, at_home: Visitor, ctx: Context, person: Person, read_mail: ReadMail
) -> None:
    page = open_page(at_home, path_of(owned(ctx, person)[0]))
    listed = page.submit({"name": canary}, button="Save the name")
    assert canary in listed.text
    single = open_page(at_home, path_of(owned(ctx, person)[0]))
    assert single.heading == canary
    for raw in (listed.response.text, single.response.text, read_mail(person.email)[0].html):
        assert "<script>alert" not in raw
        assert "<b>x</b>" not in raw
