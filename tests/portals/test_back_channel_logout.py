"""Logout tokens: one that is right in every way ends the session, all others end nothing."""

import base64
import json
from typing import Any

import pytest

from tests.portals import fake_provider
from tests.portals.fake_provider import EVENT, FOREIGN_KEY, KEYS, FakeProvider
from tests.portals.story import Person

PATH = "/backchannel-logout"


def test_a_logout_token_ends_the_session_at_once(person: Person, provider: FakeProvider) -> None:
    person.sign_in("recipient")
    token = provider.logout_token("recipient-portal")
    answer = person.post("recipient", PATH, {"logout_token": token})

    assert answer.status == 200
    assert answer.response.headers["Cache-Control"] == "no-store"
    page = person.open("recipient", "/secure")
    assert page.heading == "Your session has ended"
    assert person.open("recipient", "/secure").path == "/notice"


def test_a_logout_token_for_the_person_ends_all_their_sessions(
    person: Person, somebody_else: Person, provider: FakeProvider
) -> None:
    for one in (person, somebody_else):
        one.sign_in("recipient")
        assert one.status("recipient")["active"] is True

    token = provider.logout_token("recipient-portal", sid=None)
    assert person.post("recipient", PATH, {"logout_token": token}).status == 200
    assert person.status("recipient")["active"] is False
    assert somebody_else.status("recipient")["active"] is False


def test_a_logout_token_for_another_session_ends_nothing_and_is_no_error(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    token = provider.logout_token("recipient-portal", sid="another")

    assert person.post("recipient", PATH, {"logout_token": token}).status == 200
    assert person.status("recipient")["active"] is True


def _hmac(provider: FakeProvider) -> str:
    encoded = provider.logout_token("recipient-portal").split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(encoded + "=="))
    return fake_provider.hmac_with_public_key(claims, typ="logout+jwt")


BAD_TOKENS: dict[str, dict[str, Any]] = {
    "LO-07 type JWT": {"header": {"typ": "JWT"}},
    "LO-07 no type": {"header": {"typ": None}},
    "LO-07 another issuer": {"iss": "https://evil.example"},
    "LO-07 no issuer": {"iss": None},
    "LO-07 another audience": {"aud": "provider-portal"},
    "LO-07 a second audience": {"aud": ["recipient-portal", "provider-portal"]},
    "LO-07 no audience": {"aud": None},
    "LO-07 issued in the future": {"iat": 4_000_000_000},
    "LO-07 no issue time": {"iat": None},
    "LO-07 issue time is true": {"iat": True},
    "LO-07 expired": {"exp": 1_000_000_000},
    "LO-07 lives for years": {"exp": 4_000_000_000},
    "LO-07 no expiry": {"exp": None},
    "LO-07 no jti": {"jti": None},
    "LO-07 empty jti": {"jti": ""},
    "LO-07 jti is a number": {"jti": 5},
    "LO-07 no events": {"events": None},
    "LO-07 another event": {"events": {"https://evil.example/event": {}}},
    "LO-07 event without object": {"events": {EVENT: True}},
    "LO-07 events is a list": {"events": [EVENT]},
    "LO-07 with a nonce": {"nonce": "a-nonce"},
    "LO-07 neither sid nor sub": {"sid": None, "sub": None},
    "LO-07 sid is a number": {"sid": 5},
    "JW-01 alg none": {"header": {"alg": "none"}},
    "JW-01 alg NoNe": {"header": {"alg": "NoNe"}},
    "forged by a foreign key": {"key": FOREIGN_KEY},
    "of an unknown key": {"header": {"kid": "nobody"}},
}


@pytest.mark.parametrize("changes", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_any_other_token_ends_nothing(
    person: Person, provider: FakeProvider, changes: dict[str, Any]
) -> None:
    person.sign_in("recipient")
    token = provider.logout_token("recipient-portal", **changes)
    answer = person.post("recipient", PATH, {"logout_token": token})

    assert answer.status == 400
    assert answer.response.headers["Cache-Control"] == "no-store"
    assert answer.response.json() == {"error": "invalid_request"}
    assert person.status("recipient")["active"] is True


def test_jw_01_a_token_whose_hmac_key_is_the_public_key_ends_nothing(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")

    assert person.post("recipient", PATH, {"logout_token": _hmac(provider)}).status == 400
    assert person.status("recipient")["active"] is True


def test_an_id_token_is_no_logout_token(person: Person, provider: FakeProvider) -> None:
    person.sign_in("recipient")
    code = fake_provider.Code("recipient-portal", "", "", "n", provider.session().sid)

    token = provider.id_token(code, "access-1")
    assert person.post("recipient", PATH, {"logout_token": token}).status == 400


def test_a_replayed_token_is_refused(person: Person, provider: FakeProvider) -> None:
    """LO-07: the second use of a jti is refused, also after the person signed in again."""
    person.sign_in("recipient")
    token = provider.logout_token("recipient-portal")
    assert person.post("recipient", PATH, {"logout_token": token}).status == 200
    provider.session().is_over = True
    person.portals.clock.advance(5)
    person.open("recipient", "/signed-out")
    person.sign_in("recipient")

    assert person.post("recipient", PATH, {"logout_token": token}).status == 400
    assert person.status("recipient")["active"] is True


def test_a_token_for_one_portal_ends_nothing_in_another(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    token = provider.logout_token("provider-portal")

    assert person.post("recipient", PATH, {"logout_token": token}).status == 400
    assert person.status("recipient")["active"] is True


@pytest.mark.parametrize("values", [{}, {"logout_token": ""}, {"token": "x"}])
def test_a_post_without_a_token_is_refused(person: Person, values: dict[str, str]) -> None:
    assert person.post("recipient", PATH, values).status == 400


def test_two_tokens_in_one_post_are_refused(person: Person, provider: FakeProvider) -> None:
    person.sign_in("recipient")
    token = provider.logout_token("recipient-portal")
    url = person.open("recipient").url.rstrip("/") + PATH
    answer = person.visitor.client.post(url, data={"logout_token": [token, token]})

    assert answer.status_code == 400
    assert person.status("recipient")["active"] is True


def test_an_expired_token_is_refused_within_its_skew(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    token = provider.logout_token("recipient-portal")
    person.portals.clock.advance(120 + 31)

    assert person.post("recipient", PATH, {"logout_token": token}).status == 400


def test_a_notice_that_overtakes_the_browser_still_ends_the_session(
    person: Person, provider: FakeProvider
) -> None:
    """The provider ends the session while the portal is trading the code for tokens."""

    def logout_first(path: str) -> None:
        if path == "/oidc/token":
            token = provider.logout_token("recipient-portal")
            client = person.portals.apps["recipient"].test_client()
            url = "http://localhost:18311"
            assert client.post(PATH, data={"logout_token": token}, base_url=url).status_code == 200

    provider.delay = logout_first
    page = person.sign_in("recipient")

    assert page.heading == "Your session has ended"
    assert person.status("recipient")["active"] is False


def test_without_the_providers_keys_nothing_is_decided(
    person: Person, provider: FakeProvider
) -> None:
    """503: the provider may send the notice again."""
    token = provider.logout_token("recipient-portal")
    provider.is_down = True
    answer = person.post("recipient", PATH, {"logout_token": token})

    assert answer.status == 503
    assert answer.response.headers["Cache-Control"] == "no-store"


def test_the_receiver_cannot_be_opened_in_a_browser(person: Person) -> None:
    assert person.open("recipient", PATH).status == 405


def test_an_unknown_algorithm_of_a_known_key_is_refused(
    person: Person, provider: FakeProvider
) -> None:
    token = provider.logout_token("recipient-portal", header={"alg": "PS256"}, key=KEYS["RS256"])

    assert person.post("recipient", PATH, {"logout_token": token}).status == 400
