"""A provider that is down, slow, endless or confused: bounded waits and honest pages."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Response

from tests.portals.fake_provider import FakeProvider
from tests.portals.story import Person

AWAY = "The sign-in service does not answer"


@pytest.fixture
def patience() -> dict[str, float]:
    """One second, so that a provider may be too late without much waiting."""
    return {"provider_seconds": 1}


def _sleeps() -> Response:
    time.sleep(2.5)
    return Response("late")


def _drips() -> Response:
    def bytes_of_it() -> Iterator[bytes]:
        for _ in range(30):
            time.sleep(0.1)
            yield b" "

    return Response(bytes_of_it())


def _endless() -> Response:
    return Response(b" " * 4_000_000, content_type="application/json")


def _redirects() -> Response:
    return Response("", 302, {"Location": "http://169.254.169.254/latest"})


TROUBLES: dict[str, Callable[[], Response]] = {
    "says 503": lambda: Response("down", 503),
    "says 500 in JSON": lambda: Response("{}", 500, content_type="application/json"),
    "says 404": lambda: Response("nothing", 404),
    "speaks HTML": lambda: Response("<h1>hello</h1>"),
    "speaks a JSON list": lambda: Response("[]", content_type="application/json"),
    "sends a huge answer": _endless,
    "redirects": _redirects,
    "answers too late": _sleeps,
    "drips": _drips,
}


def at(path: str, trouble: Callable[[], Response]) -> Callable[[str], Response | None]:
    """Return a lever that answers one path with trouble."""
    return lambda asked: trouble() if asked == path else None


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/oidc/userinfo"])
def test_a_page_says_so_within_bounds(
    person: Person, provider: FakeProvider, path: str, trouble: Callable[[], Response]
) -> None:
    provider.delay = at(path, trouble)
    started = time.monotonic()
    page = person.sign_in("recipient")

    assert (page.status, page.heading) == (503, AWAY)
    assert page.response.headers["Retry-After"] == "30"
    assert time.monotonic() - started < 4  # the tests' portals wait for one second


@pytest.mark.parametrize("trouble", ["says 503", "speaks HTML", "answers too late", "redirects"])
def test_a_code_that_cannot_be_traded_opens_nothing(
    person: Person, provider: FakeProvider, trouble: str
) -> None:
    provider.delay = at("/oidc/token", TROUBLES[trouble])
    page = person.sign_in("recipient")

    assert page.status == 503
    assert person.status("recipient")["active"] is False


def test_keys_that_cannot_be_fetched_open_nothing(person: Person, provider: FakeProvider) -> None:
    provider.delay = at("/oidc/jwks", TROUBLES["says 503"])

    assert person.sign_in("recipient").status == 503


@pytest.mark.parametrize(
    "bend",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"userinfo_endpoint": None},
        {"authorization_endpoint": 5},
    ],
    ids=["another issuer", "plain http", "a file", "nothing", "a number"],
)
def test_metadata_that_cannot_be_trusted_is_not_used(
    person: Person, provider: FakeProvider, bend: dict[str, Any]
) -> None:
    provider.bend_discovery = lambda metadata: metadata.update(bend)

    assert person.sign_in("recipient").heading == AWAY


def test_the_portal_goes_on_when_the_provider_is_back(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    provider.is_down = True
    assert person.open("recipient", "/secure").heading == AWAY

    provider.is_down = False
    assert person.open("recipient", "/secure").heading == "Welcome, Rrecipient"


def test_known_metadata_is_used_while_it_cannot_be_read_again(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(601)
    provider.delay = at("/.well-known/openid-configuration", TROUBLES["says 503"])

    assert person.open("recipient", "/secure").heading == "Welcome, Rrecipient"


def test_a_renewal_that_fails_is_tried_again_later(person: Person, provider: FakeProvider) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(890)
    provider.delay = at("/oidc/token", TROUBLES["says 503"])
    assert person.open("recipient", "/secure").heading == AWAY

    provider.delay = lambda _path: None
    assert person.open("recipient", "/secure").heading == "Welcome, Rrecipient"


def test_public_pages_need_no_provider(person: Person, provider: FakeProvider) -> None:
    provider.is_down = True

    for path in ("/", "/help", "/legal", "/privacy", "/notice", "/health"):
        assert person.open("recipient", path).status == 200
    assert provider.calls == []


def test_signing_out_works_here_and_says_what_is_left(
    person: Person, provider: FakeProvider
) -> None:
    page = person.sign_in("recipient")
    person.portals.clock.advance(601)
    parts = person.portals.parts("recipient")
    provider.bend_discovery = lambda metadata: metadata.pop("end_session_endpoint")
    assert parts.settings.issuer == provider.issuer
    page = page.submit(button="Sign out")

    assert page.heading == "You are signed out of this portal only"
    assert page.link("Sign out of Carolina Sign-in") == f"{provider.issuer}/sign-out"
    assert person.status("recipient")["active"] is False


def test_activity_answers_that_make_no_sense_change_nothing(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(30)
    person.open("recipient", "/help")
    answer = '{"active": true, "idle_ends_at": "soon"}'
    provider.delay = at("/oidc/activity", lambda: Response(answer, content_type="application/json"))

    assert person.portals.report_due("recipient") == 0
    assert person.status("recipient") == {"active": True, "seconds_left": 900}
