"""What people, and attackers, type into the forms of registration."""

import unicodedata
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.people.accounts.model import Account
from tests.flows.conftest import OpenVisitor, ReadMail
from tests.flows.registering import (
    CONTACT,
    DETAILS,
    EMAIL,
    ENROLLING,
    NEW_PASSWORD,
    WAITING,
    choose_type,
    code_of,
    enter_code,
    fill_contact,
    fill_details,
    link_of,
    register,
)
from tests.flows.signing_in import add_person
from tests.parts.application import ISSUER
from tests.parts.browserless import Answer, Visitor

CANARY = '"><script>alert(1)</script>{{7*7}}${7*7}%s%(x)s<a href="https://evil.example">x</a>'


@pytest.mark.parametrize(
    "typed",
    ["alice1", "Alice1", " ALICE1 ", "ａlice1", "alice\u200b1", "alic\u00e91", "alice\u03001"],
)
def test_RG_05_no_two_accounts_have_names_that_look_or_compare_alike(
    typed: str, visitor: Visitor, ctx: Context, clock: FixedClock, read_mail: ReadMail
) -> None:
    add_person(ctx, clock, "alice1")
    page = choose_type(visitor).submit(DETAILS | {"username": typed}, button="Continue")
    if page.status == 422:
        assert "Begin your username with a letter from a to z." in page.text
        assert not typed.strip().isascii()
        return
    contact = page.submit(CONTACT, button="Continue")
    waiting = contact.submit(NEW_PASSWORD, button="Continue")
    assert enter_code(waiting, code_of(read_mail(EMAIL)[0])).heading == "Choose another username"


@pytest.mark.parametrize(
    "typed",
    [
        "\u0430lice1",  # a Cyrillic lookalike
        "alice\u202e1",  # right-to-left override
        "alice😀1",
        "......",
        "..",
        "administrator",
        "HelpDesk",
        "1alice",
        "alice 1",
        "alice@example.org",
        "alice/../1",
        "short",
        "x" * 21,
        "<b>alice",
    ],
)
def test_RG_06_names_outside_of_the_documented_alphabet_are_refused_and_kept_on_the_page(
    typed: str, visitor: Visitor
) -> None:
    page = choose_type(visitor).submit(DETAILS | {"username": typed}, button="Continue")
    assert page.status == 422
    values = page.form(fields=["username"]).values()
    assert values["username"] == typed
    assert values["first_name"] == DETAILS["first_name"]


@pytest.mark.parametrize(
    "typed",
    [
        "a@x@evil.example",
        '"quoted local"@example.org',
        "ann%0d%0aBcc:eve@evil.example",
        "ann@example.org\r\nBcc: eve@evil.example",
        "Ann <ann@example.org>",
        "ann@example.org, eve@evil.example",
        "ann@[127.0.0.1]",
        "ann@localhost",
        "ann",
        "@example.org",
        "ſam@example.org",
        f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.org",
    ],
)
def test_RG_08_what_is_not_exactly_one_plain_address_is_refused(
    typed: str, visitor: Visitor
) -> None:
    page = fill_details(visitor)
    answer = page.submit({"email": typed, "confirm_email": typed}, button="Continue")
    assert answer.status == 422
    assert "email address" in answer.text


def test_RG_08_an_international_domain_is_normalised_once(
    visitor: Visitor, ctx: Context, read_mail: ReadMail
) -> None:
    waiting = register(visitor, "Ann@BÜCHER.example.org")
    mails = read_mail("Ann@xn--bcher-kva.example.org")
    assert enter_code(waiting, code_of(mails[0])).path == ENROLLING
    account = _only_account(ctx)
    assert account.email_key == "ann@xn--bcher-kva.example.org"


# A field that may be empty and was sent under another name; a tick whose value says nothing.
_HARMLESS = {
    *(("array", name) for name in ("prefix", "suffix", "middle_initial", "mobile_number")),
    ("long", "accept_terms"),
}


def _sends() -> dict[str, tuple[Callable[[Visitor], Answer], dict[str, str]]]:
    return {
        "type": (
            lambda visitor: visitor.open(f"{ISSUER}/register"),
            {"account_type": "individual"},
        ),
        "details": (choose_type, DETAILS),
        "contact": (fill_details, CONTACT),
        "password": (fill_contact, NEW_PASSWORD),
        "code": (register, {"code": "12345678"}),
    }


@pytest.mark.parametrize("step", _sends())
@pytest.mark.parametrize("bad", ["nul", "utf8", "surrogate", "huge", "long", "twice", "array"])
def test_RG_10_damaged_oversized_and_repeated_fields_get_a_page_that_helps(
    step: str, bad: str, visitor: Visitor
) -> None:
    reach, values = _sends()[step]
    page = reach(visitor)
    form = page.form(fields=values)
    sent = form.values() | values
    for name in values:
        changed = {
            "nul": urlencode(sent | {name: "a\0b"}),
            "utf8": urlencode({key: text for key, text in sent.items() if key != name})
            + f"&{name}=%ff%fe",
            "surrogate": urlencode({key: text for key, text in sent.items() if key != name})
            + f"&{name}=%ed%a0%80",
            "huge": urlencode(sent | {name: "x" * 1_000_000}),
            "long": urlencode(sent | {name: "x" * 5_000}),
            "twice": f"{urlencode(sent)}&{name}=again",
            "array": urlencode({key: text for key, text in sent.items() if key != name})
            + f"&{name}[]=a&{name}[0]=b",
        }[bad]
        answer = visitor.client.post(
            page.url.partition("?")[0],
            content=changed,
            headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": ISSUER},
        )
        is_harmless = (bad, name) in _HARMLESS
        wanted = {303} if is_harmless else {400, 413, 422}
        assert answer.status_code in wanted, (name, answer.status_code)
        assert is_harmless or "<h1" in answer.text


@pytest.mark.parametrize("tx", ["", "x", "a" * 43, "%00", "é" * 43, "a" * 20_000])
def test_RG_10_a_forged_handle_of_a_tab_is_a_page_that_helps(tx: str, visitor: Visitor) -> None:
    for path in ("/register/details", "/verify-email", "/verify-email/confirm"):
        answer = visitor.open(f"{ISSUER}{path}?{urlencode({'tx': tx})}")
        assert answer.status in {400, 410}
        assert answer.heading


def test_a_form_without_this_browsers_token_changes_nothing(
    visitor: Visitor, open_visitor: OpenVisitor
) -> None:
    page = fill_contact(visitor)
    values = page.form(fields=["new_password"]).values() | NEW_PASSWORD
    answer = open_visitor().send("POST", page.url, values, came_from="https://evil.example")
    assert answer.status == 403


def test_names_keep_their_letters_and_lose_their_double_spaces(
    visitor: Visitor, ctx: Context, read_mail: ReadMail
) -> None:
    decomposed = unicodedata.normalize("NFD", "José  María")
    waiting = register(
        visitor, first_name=f"  {decomposed} ", middle_initial="É.", last_name="漢字"
    )
    enter_code(waiting, code_of(read_mail(EMAIL)[0]))
    account = _only_account(ctx)
    assert (account.first_name, account.last_name) == ("José María", "漢字")


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("first_name", "Ann\u202eyllE", "Leave out characters that cannot be seen."),
        ("last_name", "x" * 101, "Use at most 100 characters here."),
        ("prefix", "x" * 17, "Use at most 16 characters here."),
        ("middle_initial", "AB", "Enter one letter, or leave this empty."),
    ],
)
def test_names_that_cannot_be_shown_are_refused(
    field: str, typed: str, words: str, visitor: Visitor
) -> None:
    page = choose_type(visitor).submit(DETAILS | {field: typed}, button="Continue")
    assert page.status == 422
    assert words in page.text


@pytest.mark.parametrize("typed", ["12345", "abc", "919-555-0123 x7", "+1", "9" * 60])
def test_a_number_that_is_no_phone_number_is_refused_and_kept_on_the_page(
    typed: str, visitor: Visitor
) -> None:
    page = fill_details(visitor).submit(CONTACT | {"mobile_number": typed}, button="Continue")
    assert page.status == 422
    assert page.form(fields=["mobile_number"]).values()["mobile_number"] == typed


def test_two_addresses_that_differ_are_refused_at_the_second(visitor: Visitor) -> None:
    other = CONTACT | {"confirm_email": "marla@example.org"}
    page = fill_details(visitor).submit(other, button="Continue")
    assert "The two email addresses are not the same." in page.text


def test_ML_01_nothing_that_was_typed_stands_in_the_mails_to_an_unproven_address(
    visitor: Visitor, read_mail: ReadMail
) -> None:
    page = choose_type(visitor, "business")
    typed = {"first_name": CANARY[:100], "last_name": CANARY[:100], "business_name": CANARY}
    details = DETAILS | typed | {"business_role": "Owner", "username": "https.evil"}
    page = page.submit(details, button="Continue").submit(CONTACT, button="Continue")
    assert page.heading == "Choose a password"
    assert page.submit(NEW_PASSWORD, button="Continue").heading == WAITING
    (mail,) = read_mail(EMAIL)
    for part in (mail.text, mail.html, mail.subject):
        for canary in ("evil", "script", "7*7", "49", "%s"):
            assert canary not in part.replace(link_of(mail), "").replace(code_of(mail), "")
    assert "\n" not in mail.subject


def test_ML_01_the_canary_is_inert_on_the_pages_that_show_it_again(visitor: Visitor) -> None:
    page = choose_type(visitor)
    typed = DETAILS | {"first_name": CANARY[:100], "username": CANARY}
    refused = page.submit(typed, button="Continue")
    assert refused.form(fields=["username"]).values()["username"] == CANARY
    assert "<script>alert" not in refused.response.text
    contact = refused.submit(typed | {"username": "maria.rivera"}, button="Continue")
    password = contact.submit(CONTACT, button="Continue")
    assert "<script>alert" not in password.response.text
    assert "49" not in password.text


def _only_account(ctx: Context) -> Account:
    ctx.db.rollback()
    return ctx.db.scalars(select(Account)).one()
