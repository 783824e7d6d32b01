"""What a person sees of their own account."""

import pytest

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from tests.flows.conftest import OpenVisitor
from tests.flows.signing_in import add_person, enter_password, open_page, sign_in
from tests.parts.browserless import Visitor


def test_the_first_page_says_what_this_is_and_leads_on(visitor: Visitor) -> None:
    page = open_page(visitor, "/")
    assert page.heading == "One account for your services"
    assert page.click("Sign in").path == "/sign-in"
    assert page.click("Create an account").path == "/register"
    assert page.click("Unlock your account").path == "/unlock"


def test_the_account_page_tells_who_how_and_until_when(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    text = sign_in(visitor, add_person(ctx, clock)).text.replace("\u202f", " ")
    for expected in (
        "Rosa Río",
        "rosario",
        "Individual",
        "r***@example.org (verified)",
        "With your password and a one-time code.",
        "10:15 AM",
        "10:00 PM",
    ):
        assert expected in text
    assert "rosario@example.org" not in text


def test_the_security_page_lists_apps_and_codes_without_secrets(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    page = open_page(visitor, "/account").click("How you sign in")
    assert "Phone" in page.text
    assert "10 recovery codes are left." in page.text
    assert person.app.secret not in page.response.text
    assert not [code for code in person.codes if code in page.response.text]


def test_the_security_page_warns_when_few_codes_are_left(
    visitor: Visitor, ctx: Context, clock: FixedClock
) -> None:
    person = add_person(ctx, clock)
    for code in person.codes[:7]:
        page = enter_password(visitor, person).click("Use a recovery code instead")
        page.submit({"code": code}, button="Continue")
        visitor.client.cookies.clear()
    sign_in(visitor, person)
    assert "Make new ones before" in open_page(visitor, "/account/security").text


@pytest.mark.parametrize("path", ["/account", "/account/security"])
def test_nobody_else_sees_these_pages(path: str, visitor: Visitor) -> None:
    assert open_page(visitor, path).path == "/sign-in"


def test_the_pages_speak_spanish(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    visitor = open_visitor("es")
    assert open_page(visitor, "/").heading == "Una cuenta para sus servicios"
    person = add_person(ctx, clock)
    page = enter_password(visitor, person)
    signed_in = page.submit({"code": person.app.code()}, button="Continuar")
    assert signed_in.heading == "Su cuenta"
    assert "Con su contraseña y un código de un solo uso." in signed_in.text
