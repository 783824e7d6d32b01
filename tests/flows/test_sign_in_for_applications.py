"""Signing in on the way to an application."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from tests.flows.conftest import OpenVisitor
from tests.flows.signing_in import (
    Person,
    add_newcomer,
    add_person,
    choose_app,
    is_signed_in,
    open_page,
    sign_in,
)
from tests.oidc import story
from tests.oidc.story import Application
from tests.parts.application import ISSUER
from tests.parts.browserless import Answer, Visitor


@pytest.fixture
def portal(ctx: Context) -> Application:
    """An application of the state."""
    return story.register(ctx)


def ask(visitor: Visitor, portal: Application, **changes: str | None) -> Answer:
    """Come from the application."""
    return open_page(visitor, f"/oidc/authorize?{urlencode(portal.request(**changes))}")


def give_password(page: Answer, person: Person) -> Answer:
    """Type name and password on the page at hand."""
    return page.submit({"username": person.username, "password": person.password})


def give_code(page: Answer, person: Person) -> dict[str, list[str]]:
    """Type the app's code; return what the application is told."""
    visitor = page.visitor
    form = page.form("Continue")
    sent = form.values() | {"code": person.app.code()}
    answer = visitor.send("POST", f"{ISSUER}{form.action}", sent, follow=False)
    assert answer.status == 303
    resumed = visitor.open(answer.location, follow=False)
    assert resumed.location.startswith(portal_origin()), resumed.text
    return parse_qs(urlsplit(resumed.location).query)


def portal_origin() -> str:
    """Where the application lives."""
    return "{0.scheme}://{0.netloc}".format(urlsplit(story.CALLBACK))


def test_the_page_says_where_the_person_is_going_and_leads_there(
    visitor: Visitor, ctx: Context, clock: FixedClock, portal: Application
) -> None:
    person = add_person(ctx, clock)
    page = ask(visitor, portal)
    assert "You are on your way to A Portal" in page.text
    told = give_code(give_password(page, person), person)
    assert told["code"]
    assert told["iss"] == [ISSUER]


def test_the_application_may_say_whom_it_expects(visitor: Visitor, portal: Application) -> None:
    page = ask(visitor, portal, login_hint="rosario@example.org")
    assert page.form("Sign in").values()["username"] == "rosario@example.org"


def test_AZ_22_prompt_login_asks_again_although_a_session_lives(
    visitor: Visitor, ctx: Context, clock: FixedClock, portal: Application
) -> None:
    person = add_person(ctx, clock)
    sign_in(visitor, person)
    page = ask(visitor, portal, prompt="login")
    assert page.heading == "Sign in"
    assert "you will be signed out at" in page.response.text
    told = give_code(give_password(page, person), person)
    assert told["code"]


def test_a_second_tab_goes_on_when_the_first_one_has_signed_in(
    visitor: Visitor, ctx: Context, clock: FixedClock, portal: Application
) -> None:
    person = add_person(ctx, clock)
    first, second = ask(visitor, portal), ask(visitor, portal, state="second")
    give_code(give_password(first, person), person)
    sent_on = visitor.open(second.url, follow=False)
    assert sent_on.status == 303
    resumed = visitor.open(sent_on.location, follow=False)
    assert "state=second" in resumed.location


def test_enrolment_ends_at_the_application(
    visitor: Visitor, ctx: Context, clock: FixedClock, portal: Application
) -> None:
    person = add_newcomer(ctx, clock)
    page = choose_app(give_password(ask(visitor, portal), person))
    shown = next(one for one in page.document.all("code") if one.get("id") == "app-key")
    person.app.secret = shown.text.replace(" ", "")
    kept = page.submit({"code": person.app.code()}, button="Continue")
    codes = next(one for one in kept.document.all("ol") if one.get("id") == "recovery-codes")
    form = kept.form("I have kept my codes")
    sent = form.values() | {"code": next(codes.all("li")).text}
    answer = visitor.send("POST", f"{ISSUER}{form.action}", sent, follow=False)
    resumed = visitor.open(answer.location, follow=False)
    assert resumed.location.startswith(f"{story.CALLBACK}?")
    assert is_signed_in(visitor)


def test_a_stale_tab_leads_back_to_its_own_application(
    open_visitor: OpenVisitor, ctx: Context, clock: FixedClock
) -> None:
    portal = story.register(ctx, initiate_login_uri="http://localhost:9001/sign-in")
    visitor = open_visitor()
    page = ask(visitor, portal)
    clock.advance(900)
    stale = page.submit({"username": "nobody99", "password": "x"})
    assert stale.status == 410
    assert stale.link("Begin again at A Portal") == "http://localhost:9001/sign-in"


def test_the_way_to_the_application_survives_a_lock_and_unlocking_pages(
    visitor: Visitor, portal: Application
) -> None:
    page = ask(visitor, portal)
    for _ in range(6):
        page = page.submit({"username": "nobody99", "password": "x"}, button="Sign in")
    asked = page.click("Unlock with a code").submit(button="Send a code")
    back = asked.click("Back to sign in")
    assert "You are on your way to A Portal" in back.text
    assert back.form("Sign in").values()["username"] == "nobody99"
