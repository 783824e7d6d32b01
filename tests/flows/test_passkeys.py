"""Signing in with passkeys: as the second factor and as the only step."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.credentials import factors, passkeys, passwords
from idp.people.sessions import service as sessions
from tests.flows import resetting
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.signing_in import (
    Person,
    add_newcomer,
    add_person,
    code_in,
    cookie,
    enter_password,
    fail_often,
    is_signed_in,
    open_page,
    set_state,
    sign_in,
    try_password,
)
from tests.flows.with_passkeys import (
    account_of,
    add_passkey,
    ask,
    make,
    new_key,
    passkey_form,
    recorded,
    send,
    sign_in_with,
    use,
)
from tests.parts.application import ISSUER, on_both_databases
from tests.parts.browserless import Answer, Visitor
from tests.parts.passkey import SoftPasskey, text

_ALONE = "That passkey did not sign you in."
_SECOND = "That passkey did not work."
Spoil = Callable[[SoftPasskey], SoftPasskey]
Begin = Callable[[Visitor, Person], Answer]
# Base64 of no length, of other letters, and of JSON that says nothing.
_ODD_TEXT = {"clientDataJSON": "é", "authenticatorData": "é", "signature": "é", "userHandle": "é"}
_EMPTY = {
    "clientDataJSON": "e30",
    "authenticatorData": "AA",
    "signature": "AA",
    "attestationObject": "AA",
}


def spoken(name: str, response: dict[str, str]) -> str:
    """Return an answer of the right shape."""
    said = {"id": name, "rawId": name, "type": "public-key", "response": response}
    return json.dumps(said)


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody with a password, an app and recovery codes."""
    return add_person(ctx, clock)


@pytest.fixture
def key(ctx: Context, person: Person) -> SoftPasskey:
    """Their passkey, kept on one device."""
    return add_passkey(ctx, person)


def session_of(ctx: Context, visitor: Visitor) -> sessions.CurrentSession:
    """Return the session of a browser."""
    ctx.db.rollback()
    found = sessions.find_current(ctx, cookie(visitor))
    assert found
    return found


def alone(visitor: Visitor, _person: Person) -> Answer:
    """Come to sign in with a passkey alone."""
    return open_page(visitor, "/sign-in")


def after_password(visitor: Visitor, person: Person) -> Answer:
    """Come to the second factor."""
    return enter_password(visitor, person)


# The first factor


def test_a_newcomer_chooses_a_passkey_keeps_the_codes_and_is_signed_in(
    visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    newcomer, made = add_newcomer(ctx, clock), new_key()
    page = enter_password(visitor, newcomer).click("Set up a passkey")
    kept = make(page, made, name="My laptop")
    assert kept.heading == "Keep your recovery codes"
    ctx.db.rollback()
    assert not factors.has_any(ctx, newcomer.id), "nothing is kept before a code is typed back"
    shown = next(one for one in kept.document.all("ol") if one.get("id") == "recovery-codes")
    code = next(shown.all("li")).text
    assert kept.submit({"code": code}, button="I have kept my codes").path == "/account"
    session = session_of(ctx, visitor)
    assert (session.amr, session.acr) == (
        ("pwd", "hwk", "user", "mfa"),
        "urn:ncid:acr:aal2-phr",
    )
    mail = read_mail(newcomer.email)[0]
    assert mail.subject == "A passkey was added to your account"
    assert "My laptop" in mail.text
    assert "My laptop" in open_page(visitor, "/account/security").text
    assert [outcome for outcome, _ in recorded(ctx, "mfa.enrolled")] == ["success"]


def test_what_the_browser_is_asked_for_names_nobody_and_wants_the_person_verified(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    newcomer = add_newcomer(ctx, clock)
    _, options = ask(enter_password(visitor, newcomer).click("Set up a passkey"))
    assert options["rp"]["id"] == "localhost"
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    account = account_of(ctx, newcomer)
    assert account.sub not in json.dumps(options)
    assert options["attestation"] == "none"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: replace(key, origin="https://localhost:8000"),
        lambda key: replace(key, origin="http://localhost.evil.example:8000"),
        lambda key: replace(key, rp_id="evil.example"),
        lambda key: replace(key, is_verified=False),
        lambda key: replace(key, is_framed=True),
    ],
)
def test_a_new_passkey_that_was_made_elsewhere_or_unverified_is_not_kept(
    spoil: Spoil, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    page = enter_password(visitor, add_newcomer(ctx, clock)).click("Set up a passkey")
    refused = make(page, spoil(new_key()), name="Phone")
    assert refused.status == 422
    assert "The passkey was not added" in refused.text
    assert refused.click("Choose another way").path == "/mfa/enroll"


def test_a_passkey_of_somebody_else_is_not_kept_again(
    visitor: Visitor, ctx: Context, clock: FixedClock, key: SoftPasskey
) -> None:
    page = enter_password(visitor, add_newcomer(ctx, clock, "benito")).click("Set up a passkey")
    refused = make(page, key, name="Phone")
    assert refused.status == 422
    assert "That passkey is in use already." in refused.text


def test_a_passkey_needs_a_name_and_what_was_typed_stays(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    page = enter_password(visitor, add_newcomer(ctx, clock)).click("Set up a passkey")
    refused = make(page, new_key(), name=" ")
    assert "Give it a name." in refused.text
    without = send(page, ask(page)[0] | {"name": "Blue key"}, "")
    assert "Passkeys need JavaScript" in without.text
    assert passkey_form(without).values()["name"] == "Blue key"


# The second factor


def test_a_passkey_is_the_second_factor(
    visitor: Visitor, ctx: Context, person: Person, key: SoftPasskey
) -> None:
    asked = enter_password(visitor, person)
    assert asked.path == "/sign-in/mfa"
    done = use(asked, key)
    assert done.path == "/account"
    assert "With a passkey, which no false page can ask for." in done.text
    assert session_of(ctx, visitor).amr == ("pwd", "hwk", "user", "mfa")


def test_who_has_a_passkey_and_no_app_is_asked_for_it(
    visitor: Visitor, ctx: Context, person: Person, key: SoftPasskey
) -> None:
    app = next(one for one in factors.listed(ctx, person.id) if one.kind == "totp")
    with writing(ctx.db):
        factors.remove(ctx, app)
    page = enter_password(visitor, person)
    assert page.path == "/sign-in/mfa/passkey"
    assert "authenticator app" not in page.text
    assert page.click("Use a recovery code instead").click("Use your passkey instead") != page
    assert use(page, key).path == "/account"


def test_only_the_persons_own_passkeys_are_asked_for(
    visitor: Visitor, ctx: Context, clock: FixedClock, person: Person, key: SoftPasskey
) -> None:
    add_passkey(ctx, add_person(ctx, clock, "benito"))
    _, options = ask(enter_password(visitor, person))
    assert [one["id"] for one in options["allowCredentials"]] == [text(key.credential_id)]
    assert options["userVerification"] == "required"


def test_RC_07_a_passkey_counts_as_the_factor_of_a_reset(
    visitor: Visitor, person: Person, key: SoftPasskey, read_mail: ReadMail
) -> None:
    asked = resetting.ask(visitor, person.username)
    code = {"code": code_in(read_mail(person.email)[0])}
    page = use(asked.submit(code, button="Continue"), key)
    assert page.path == "/forgot-password/new"
    assert not is_signed_in(visitor)
    assert resetting.choose(page).heading == "Your password was changed"
    assert sign_in_with(visitor, key).path == "/account"


# The only step


def test_a_passkey_alone_signs_in_and_the_cookie_is_a_new_one(
    visitor: Visitor, ctx: Context, person: Person, key: SoftPasskey
) -> None:
    page = open_page(visitor, "/sign-in")
    planted = cookie(visitor)
    assert use(page, key).path == "/account"
    assert cookie(visitor) != planted
    session = session_of(ctx, visitor)
    assert session.account_id == person.id
    assert (session.amr, session.acr) == (("hwk", "user", "mfa"), "urn:ncid:acr:aal2-phr")
    assert session.factor_time == session.auth_time


def test_a_passkey_of_another_person_replaces_the_session_of_the_first(
    visitor: Visitor, ctx: Context, clock: FixedClock, key: SoftPasskey
) -> None:
    benito = add_person(ctx, clock, "benito")
    sign_in(visitor, benito)
    former = cookie(visitor)
    assert use(open_page(visitor, "/sign-in/passkey"), key).path == "/account"
    assert session_of(ctx, visitor).username == "rosario"
    assert sessions.find_current(ctx, former) is None


def test_a_passkey_that_other_devices_have_says_so(
    visitor: Visitor, ctx: Context, person: Person
) -> None:
    synced = add_passkey(ctx, person, is_synced=True)
    for _ in range(2):
        visitor.client.cookies.clear()
        assert sign_in_with(visitor, synced).path == "/account"
    assert session_of(ctx, visitor).amr == ("swk", "user", "mfa")
    assert "on all your devices" in open_page(visitor, "/account/security").text


def test_LG_05_neither_lock_of_the_password_bars_a_passkey(
    open_visitor: OpenVisitor, person: Person, key: SoftPasskey
) -> None:
    fail_often(open_visitor(), person.username, 6)
    fail_often(open_visitor(), person.email, 6)
    assert "Too many tries" in try_password(open_visitor(), "rosario", person.password).text
    assert sign_in_with(open_visitor(), key).path == "/account"


def test_who_is_signed_in_and_must_show_it_again_may_show_a_passkey(
    visitor: Visitor, ctx: Context, clock: FixedClock, person: Person, key: SoftPasskey
) -> None:
    sign_in(visitor, person)
    first = session_of(ctx, visitor)
    for _ in range(2):
        clock.advance(600)
        open_page(visitor, "/account")
    asked = open_page(visitor, "/account/security/recovery-codes")
    assert asked.heading == "Confirm that it is you"
    former = cookie(visitor)
    assert use(asked, key).path == "/account/security/recovery-codes"
    assert cookie(visitor) != former
    assert session_of(ctx, visitor).sid == first.sid


@pytest.mark.parametrize("typed", ["", " "])
def test_without_a_script_the_page_says_so_and_offers_the_password(
    typed: str, visitor: Visitor
) -> None:
    page = open_page(visitor, "/sign-in")
    answer = send(page, passkey_form(page).values(), typed)
    assert answer.status == 422
    assert "Passkeys need JavaScript" in answer.text
    assert answer.click("Sign in with your password instead").path == "/sign-in"


# Wrong answers


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: replace(key, origin="https://localhost:8000"),
        lambda key: replace(key, origin="http://localhost"),
        lambda key: replace(key, rp_id="evil.example"),
        lambda key: replace(key, is_verified=False),
        lambda key: replace(key, is_framed=True),
        lambda key: replace(key, user_handle=b"somebody else"),
        lambda key: replace(key, key=new_key().key),
        lambda key: replace(key, credential_id=b"\0" * 16),
    ],
    ids=["scheme", "port", "rp", "unverified", "framed", "handle", "signature", "unknown"],
)
@pytest.mark.parametrize("begin", [alone, after_password])
def test_an_answer_from_elsewhere_is_refused_in_the_same_words(
    spoil: Spoil, begin: Begin, visitor: Visitor, person: Person, key: SoftPasskey
) -> None:
    page = begin(visitor, person)
    refused = use(page, spoil(key))
    assert refused.status == 422
    assert (_ALONE if begin is alone else _SECOND) in refused.text
    assert not is_signed_in(visitor)
    assert use(refused, replace(key, sign_count=5)).path == "/account", "the way goes on"


@pytest.mark.parametrize(
    "answer",
    [
        "x",
        "null",
        "[]",
        "{}",
        '{"id": 1}',
        "[" * 20_000,
        spoken("\0", {}),
        spoken("é", _ODD_TEXT),
        spoken("AA", _EMPTY),
    ],
)
@on_both_databases
def test_IN_03_what_no_browser_would_say_is_refused(
    answer: str, visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    page = open_page(visitor, "/sign-in")
    assert _ALONE in send(page, ask(page)[0], answer).text
    page = enter_password(visitor, add_newcomer(ctx, clock)).click("Set up a passkey")
    refused = send(page, ask(page)[0], answer)
    assert "The passkey was not added" in refused.text


@pytest.mark.parametrize("begin", [alone, after_password])
def test_an_answer_works_once(
    begin: Begin, open_visitor: OpenVisitor, person: Person, key: SoftPasskey
) -> None:
    visitor = open_visitor()
    page = begin(visitor, person)
    values, options = ask(page)
    answer = key.get(options)
    assert send(page, values, answer).path == "/account"
    visitor.client.cookies.clear()
    again = begin(visitor, person)
    assert send(again, ask(again)[0], answer).status == 422, "another challenge"
    assert send(again, ask(again)[0] | {"tx": values["tx"]}, answer).status == 410


@pytest.mark.parametrize("begin", [alone, after_password])
def test_a_refused_answer_uses_the_challenge_up(
    begin: Begin, visitor: Visitor, person: Person, key: SoftPasskey
) -> None:
    page = begin(visitor, person)
    values, options = ask(page)
    right = key.get(options)
    assert send(page, values, replace(key, is_verified=False).get(options)).status == 422
    assert send(page, values, right).status == 422
    assert not is_signed_in(visitor)


def test_the_challenge_of_another_tab_or_purpose_is_not_answered(
    visitor: Visitor, person: Person, key: SoftPasskey
) -> None:
    page = open_page(visitor, "/sign-in")
    _, of_other_tab = ask(page)
    here, _ = ask(page)
    assert send(page, here, key.get(of_other_tab)).status == 422
    second = enter_password(visitor, person)
    values, of_factor = ask(second)
    alone = open_page(visitor, f"/sign-in/passkey?tx={values['tx']}")
    assert send(alone, passkey_form(alone).values(), key.get(of_factor)).status == 422
    assert not is_signed_in(visitor)


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (300, 422)])
def test_a_challenge_is_worth_five_minutes(
    seconds: int, status: int, visitor: Visitor, clock: FixedClock, key: SoftPasskey
) -> None:
    page = open_page(visitor, "/sign-in")
    values, options = ask(page)
    clock.advance(seconds)
    assert send(page, values, key.get(options)).status == status


def test_a_passkey_of_another_person_is_no_second_factor(
    visitor: Visitor, ctx: Context, clock: FixedClock, person: Person, key: SoftPasskey
) -> None:
    benito = add_person(ctx, clock, "benito")
    add_passkey(ctx, benito)
    refused = use(enter_password(visitor, benito), key)
    assert _SECOND in refused.text
    assert not is_signed_in(visitor)


def test_a_removed_passkey_is_one_that_nobody_knows(
    visitor: Visitor, ctx: Context, person: Person, key: SoftPasskey
) -> None:
    mine = next(one for one in factors.listed(ctx, person.id) if one.kind == "passkey")
    with writing(ctx.db):
        factors.remove(ctx, mine)
    assert _ALONE in sign_in_with(visitor, key).text
    assert recorded(ctx, "sign_in.failed") == [("failure", "passkey_unknown")]


def refuse_suspended(ctx: Context, person: Person) -> None:
    """Suspend the account."""
    set_state(ctx, person, "suspended")


def refuse_reset(ctx: Context, person: Person) -> None:
    """Ask for a new password first."""
    with writing(ctx.db):
        passwords.require_reset(ctx, person.id)


@pytest.mark.parametrize("forbid", [refuse_suspended, refuse_reset])
def test_LG_08_who_may_not_sign_in_reads_what_a_stranger_reads(
    forbid: Callable[[Context, Person], None],
    open_visitor: OpenVisitor,
    ctx: Context,
    person: Person,
    key: SoftPasskey,
) -> None:
    forbid(ctx, person)
    refused, unknown = sign_in_with(open_visitor(), key), sign_in_with(open_visitor(), new_key())
    assert (refused.status, refused.text) == (unknown.status, unknown.text)
    assert not is_signed_in(refused.visitor)
    assert ("failure", "not_allowed") in recorded(ctx, "sign_in.failed")


# Copies


def test_a_counter_that_does_not_rise_stops_the_passkey_and_its_owner_learns_of_it(
    open_visitor: OpenVisitor,
    ctx: Context,
    person: Person,
    key: SoftPasskey,
    read_mail: ReadMail,
) -> None:
    copied = replace(key)
    for _ in range(3):
        sign_in_with(open_visitor(), key)
    assert _ALONE in sign_in_with(open_visitor(), copied).text
    assert _ALONE in sign_in_with(open_visitor(), key).text, "nobody knows which is the copy"
    assert "One of your passkeys was turned off" in [one.subject for one in read_mail(person.email)]
    assert recorded(ctx, "mfa.disabled") == [("success", "passkey_copied")]
    assert enter_password(open_visitor(), person).path == "/sign-in/mfa"
    assert "passkey" not in enter_password(open_visitor(), person).text


def test_whoever_only_knows_its_name_cannot_make_a_passkey_look_copied(
    open_visitor: OpenVisitor, ctx: Context, person: Person, key: SoftPasskey
) -> None:
    for _ in range(2):
        sign_in_with(open_visitor(), key)
    forged = replace(key, key=new_key().key, sign_count=0)
    assert _ALONE in sign_in_with(open_visitor(), forged).text
    assert not recorded(ctx, "mfa.disabled")
    assert sign_in_with(open_visitor(), key).path == "/account"


@on_both_databases
def test_of_two_answers_to_one_challenge_at_once_one_signs_in(
    visitor: Visitor, ctx: Context, person: Person, key: SoftPasskey
) -> None:
    page = open_page(visitor, "/sign-in")
    values, options = ask(page)
    answers = [key.get(options), key.get(options)]
    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(lambda one: send(page, values, one, follow=False), answers))
    assert sorted(answer.status == 303 for answer in sent) == [False, True]


# One budget


def fail_with(page: Answer, key: SoftPasskey, times: int) -> Answer:
    """Answer with a key that has no right signature."""
    for _ in range(times):
        page = use(page, replace(key, key=new_key().key))
    return page


def test_MF_04_passkeys_and_codes_have_one_budget(
    open_visitor: OpenVisitor, clock: FixedClock, person: Person, key: SoftPasskey
) -> None:
    page = enter_password(open_visitor(), person)
    for _ in range(4):
        page = page.submit({"code": "000000"}, button="Continue")
    fail_with(open_page(open_visitor(), "/sign-in"), key, 3)
    page = fail_with(page, key, 2)
    assert "You have 1 try left." in page.text
    assert fail_with(page, key, 1).heading == "Too many wrong codes"
    assert _ALONE in sign_in_with(open_visitor(), key).text, "locked, in the words for everybody"
    clock.advance(600)
    assert sign_in_with(open_visitor(), key).path == "/account"


def test_a_hundred_failures_turn_the_apps_off_and_leave_the_passkey(
    visitor: Visitor, ctx: Context, clock: FixedClock, person: Person, key: SoftPasskey
) -> None:
    for _ in range(10):
        fail_with(enter_password(visitor, person), key, 10)
        clock.advance(600)
    ctx.db.rollback()
    assert [one.kind for one in factors.listed(ctx, person.id)] == ["passkey"]
    assert sign_in_with(visitor, key).path == "/account"


def test_a_passkey_nobody_has_counts_against_nobody(
    visitor: Visitor, ctx: Context, person: Person, key: SoftPasskey
) -> None:
    for _ in range(12):
        sign_in_with(visitor, new_key())
    assert sign_in_with(visitor, key).path == "/account"


def test_the_pages_speak_spanish(open_visitor: OpenVisitor, person: Person) -> None:
    visitor = open_visitor("es")
    refused = sign_in_with(visitor, new_key())
    assert refused.heading == "Inicie sesión con una llave de acceso"
    assert "Esa llave de acceso no inició su sesión." in refused.text


def test_when_a_passkey_was_used_last_is_known(
    visitor: Visitor, ctx: Context, clock: FixedClock, person: Person, key: SoftPasskey
) -> None:
    clock.advance(90)
    sign_in_with(visitor, key)
    ctx.db.rollback()
    assert [one.last_used_at for one in passkeys.list_passkeys(ctx, person.id)] == [clock.now()]


def test_IN_11_an_answer_that_is_too_long_is_refused(visitor: Visitor) -> None:
    page = open_page(visitor, "/sign-in")
    assert send(page, ask(page)[0], "9" * 40_000).status == 422
    assert visitor.send("POST", f"{ISSUER}/sign-in/passkey", {"credential": "x"}).status == 403
