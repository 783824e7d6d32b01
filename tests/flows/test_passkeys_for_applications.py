"""Signing in with passkeys on the way to an application that asks for them."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from tests.flows.signing_in import Person, add_person, open_page
from tests.flows.with_passkeys import add_passkey, use
from tests.oidc import story
from tests.oidc.story import Application
from tests.parts.browserless import Answer, Visitor
from tests.parts.passkey import SoftPasskey

PHR = "urn:ncid:acr:aal2-phr"
_ESSENTIAL = '{"id_token": {"acr": {"essential": true, "values": ["urn:ncid:acr:aal2-phr"]}}}'


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody with a password, an app and recovery codes."""
    return add_person(ctx, clock)


@pytest.fixture
def key(ctx: Context, person: Person) -> SoftPasskey:
    """Their passkey."""
    return add_passkey(ctx, person)


@pytest.fixture
def strict(ctx: Context) -> Application:
    """An application that lets people in with a passkey only."""
    return story.register(ctx, "strict", default_acr_values=[PHR])


def enter(visitor: Visitor, application: Application, **changes: str) -> Answer:
    """Come from the application."""
    return open_page(visitor, f"/oidc/authorize?{urlencode(application.request(**changes))}")


def give_password(page: Answer, person: Person) -> Answer:
    """Type name and password."""
    return page.submit({"username": person.username, "password": person.password})


def told(answer: Answer) -> dict[str, str]:
    """Follow the redirects back to the application; return what it is told."""
    while urlsplit(answer.location).netloc == urlsplit(answer.url).netloc:
        answer = answer.visitor.open(answer.location, follow=False)
    assert answer.location.startswith(story.CALLBACK), answer.text
    return {name: one[0] for name, one in parse_qs(urlsplit(answer.location).query).items()}


def test_a_passkey_alone_leads_back_to_the_application(
    visitor: Visitor, ctx: Context, key: SoftPasskey
) -> None:
    page = enter(visitor, story.register(ctx))
    assert "code" in told(use(page, key, follow=False))


def test_an_application_that_asks_for_passkeys_gets_one(
    visitor: Visitor, key: SoftPasskey, strict: Application
) -> None:
    page = enter(visitor, strict)
    assert "lets you in with a passkey only." in page.text
    assert "code" in told(use(page, key, follow=False))


def test_after_the_password_such_an_application_leaves_the_passkey_alone(
    visitor: Visitor, person: Person, key: SoftPasskey, strict: Application
) -> None:
    page = give_password(enter(visitor, strict), person)
    assert page.path == "/sign-in/mfa/passkey"
    assert "authenticator app" not in page.text
    assert "recovery code" not in page.text
    assert open_page(visitor, f"/sign-in/mfa/recovery-code?tx={page.query['tx']}").path == page.path
    assert "code" in told(use(page, key, follow=False))


def test_who_has_no_passkey_reads_what_is_missing_and_the_application_is_told(
    visitor: Visitor, person: Person, strict: Application
) -> None:
    page = give_password(enter(visitor, strict), person)
    assert "with a passkey only, and your account has none" in page.text
    assert page.link("How you sign in").endswith("/account/security")
    form = page.form("Continue")
    sent = form.values() | {"code": person.app.code()}
    answer = visitor.send("POST", str(page.response.url.join(form.action)), sent, follow=False)
    assert told(answer)["error"] == "unmet_authentication_requirements"


@pytest.mark.parametrize("changes", [{"claims": _ESSENTIAL}, {}])
def test_MF_09_a_session_by_code_is_stepped_up_by_a_passkey(
    changes: dict[str, str], visitor: Visitor, ctx: Context, person: Person, key: SoftPasskey
) -> None:
    plain = enter(visitor, story.register(ctx))
    form = give_password(plain, person).form("Continue")
    sent = form.values() | {"code": person.app.code()}
    done = visitor.send("POST", f"{_origin(plain)}{form.action}", sent, follow=False)
    assert "code" in told(done)
    levels = [] if changes else [PHR]
    asked = enter(visitor, story.register(ctx, "second", default_acr_values=levels), **changes)
    assert asked.path == "/sign-in"
    assert "code" in told(use(asked, key, follow=False))


def test_a_wish_that_a_code_also_meets_keeps_every_way_open(
    visitor: Visitor, ctx: Context, person: Person, key: SoftPasskey
) -> None:
    page = enter(visitor, story.register(ctx), acr_values=f"{PHR} urn:ncid:acr:aal2")
    page = give_password(page, person)
    assert page.path == "/sign-in/mfa"
    assert "recovery code" in page.text


def _origin(page: Answer) -> str:
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}"
