"""Renewing tokens, one refresh token at a time, and what else a session's grant may meet."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Response, jsonify

from portals.shared.grants import current_claims
from portals.shared.refusals import GrantEnded, ProviderUnreachable
from portals.shared.sessions import Session, find
from tests.portals.fake_provider import FakeProvider
from tests.portals.story import Person
from tests.portals.test_provider_away import at


@pytest.fixture
def signed_in(person: Person) -> tuple[str, Session]:
    """Cookie and session of a person whose access token is about to end."""
    person.sign_in("recipient")
    person.portals.clock.advance(890)
    cookie = person.visitor.client.cookies["recipient-portal"]
    found = find(person.portals.parts("recipient").database, cookie, person.portals.clock.now())
    assert found is not None
    return cookie, found


def _ask(person: Person, signed_in: tuple[str, Session]) -> str:
    parts = person.portals.parts("recipient")
    _, claims = current_claims(parts.database, parts.provider, parts.clock, *signed_in)
    return str(claims["sub"])


def test_two_tabs_at_once_use_the_refresh_token_once(
    person: Person, provider: FakeProvider, signed_in: tuple[str, Session]
) -> None:
    """RFC 9700 section 4.14.2: a refresh token used twice would end the whole family."""
    both_ask = threading.Barrier(2, timeout=5)

    def tab() -> str:
        both_ask.wait()
        return _ask(person, signed_in)

    with ThreadPoolExecutor(2) as tabs:
        answers = [one.result() for one in [tabs.submit(tab), tabs.submit(tab)]]

    assert answers == ["sub-rrecipient"] * 2
    assert provider.calls.count("/oidc/token") == 2, "the code, and one renewal"


def test_a_tab_that_waits_for_a_renewal_that_never_ends_gives_up(
    person: Person, signed_in: tuple[str, Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portals.shared.grants._WAIT_SECONDS", 0.3)
    parts = person.portals.parts("recipient")
    with parts.database.writing() as rows:
        rows.execute("UPDATE sessions SET refreshing_until = ?", (parts.clock.now() + 15,))

    with pytest.raises(ProviderUnreachable):
        _ask(person, signed_in)


def test_a_tab_that_waits_notices_when_the_session_ends(
    person: Person, signed_in: tuple[str, Session]
) -> None:
    parts = person.portals.parts("recipient")
    with parts.database.writing() as rows:
        rows.execute("UPDATE sessions SET refreshing_until = ?", (parts.clock.now() + 15,))
        rows.execute("DELETE FROM sessions")

    with pytest.raises(GrantEnded):
        _ask(person, signed_in)


def test_a_provider_without_refresh_tokens_means_signing_in_again(
    person: Person, provider: FakeProvider
) -> None:
    def no_refresh_token(path: str) -> Response | None:
        if path != "/oidc/token":
            return None
        code = provider.codes.popitem()[1]
        provider.tokens["access-x"] = code.sid
        return jsonify(
            access_token="access-x",
            token_type="bearer",
            expires_in=300,
            id_token=provider.id_token(code, "access-x"),
        )

    provider.delay = no_refresh_token
    assert person.sign_in("recipient").status == 200
    person.portals.clock.advance(299)

    assert person.open("recipient", "/secure").heading == "Your session has ended"


def test_a_renewal_may_leave_the_id_token_out(person: Person, provider: FakeProvider) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(890)

    def without_id_token() -> Response:
        provider.tokens["access-y"] = provider.session().sid
        return jsonify(access_token="access-y", token_type="Bearer", expires_in=900)

    provider.delay = at("/oidc/token", without_id_token)
    assert person.open("recipient", "/secure").heading == "Welcome, Rrecipient"


@pytest.mark.parametrize(
    ("answer", "heading"),
    [
        ({"error": "invalid_client"}, "The sign-in service does not answer"),
        ({"error": "invalid_grant"}, "Your session has ended"),
        ({"access_token": "a", "token_type": "mac", "expires_in": 9}, "Your session has ended"),
        ({"access_token": 5, "token_type": "Bearer", "expires_in": 9}, "Your session has ended"),
        (
            {"access_token": "a", "token_type": "Bearer", "expires_in": -1},
            "Your session has ended",
        ),
    ],
)
def test_an_odd_answer_to_a_renewal_lets_nobody_in(
    person: Person, provider: FakeProvider, answer: dict[str, object], heading: str
) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(890)
    status = 400 if "error" in answer else 200

    def odd() -> Response:
        made = jsonify(answer)
        made.status_code = status
        return made

    provider.delay = at("/oidc/token", odd)
    assert person.open("recipient", "/secure").heading == heading


def test_tokens_moved_to_another_session_are_worth_nothing(
    person: Person, somebody_else: Person, provider: FakeProvider
) -> None:
    """Whoever can write the database still cannot lend one person's tokens to another."""
    person.sign_in("recipient")
    somebody_else.sign_in("recipient")
    with person.portals.parts("recipient").database.writing() as rows:
        rows.execute("UPDATE sessions SET granted = (SELECT max(granted) FROM sessions)")

    pages = [one.open("recipient", "/secure") for one in (person, somebody_else)]
    assert sorted(page.path for page in pages) == ["/secure", "/signed-out"]


def test_a_started_sign_in_that_was_tampered_with_is_stale(
    person: Person, provider: FakeProvider
) -> None:
    def tamper(_parameters: dict[str, object]) -> None:
        with person.portals.parts("recipient").database.writing() as rows:
            rows.execute("UPDATE sign_ins SET sealed = 'AAAA'")

    provider.bend_answer = tamper
    assert person.sign_in("recipient").heading == "This sign-in cannot be continued"


def test_userinfo_without_a_subject_shows_nothing(person: Person, provider: FakeProvider) -> None:
    provider.delay = at("/oidc/userinfo", lambda: jsonify(name="Nobody"))

    assert person.sign_in("recipient").status == 503


@pytest.mark.parametrize(
    "answer", [lambda: jsonify(["keys"]), lambda: jsonify(keys="none"), lambda: jsonify(keys=[])]
)
def test_keys_that_are_none_prove_nothing(
    person: Person, provider: FakeProvider, answer: Callable[[], Response]
) -> None:
    provider.delay = at("/oidc/jwks", answer)

    assert person.sign_in("recipient").status in {400, 503}
    assert person.status("recipient")["active"] is False
