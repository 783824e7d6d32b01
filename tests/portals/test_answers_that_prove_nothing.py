"""What a provider, or somebody in its name, may send: refused unless it proves who signed in."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from tests.parts.browserless import Answer
from tests.portals import fake_provider
from tests.portals.fake_provider import FOREIGN_KEY, KEYS, FakeProvider
from tests.portals.story import URLS, Person

REFUSED = "We could not complete your sign-in"
STALE = "This sign-in cannot be continued"


def assert_nobody_is_signed_in(person: Person, page: Answer, heading: str = REFUSED) -> None:
    """The page says so, and the secure part stays shut."""
    assert page.heading == heading, page.text
    assert page.status == 400
    assert person.status("recipient") == {"active": False, "seconds_left": 0}


def changed(**changes: Any) -> Callable[[dict[str, Any]], None]:
    """Return a lever that replaces claims; None removes one."""

    def bend(claims: dict[str, Any]) -> None:
        for name, value in changes.items():
            claims[name] = value
            if value is None:
                del claims[name]

    return bend


BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "wrong issuer": {"iss": "https://evil.example"},
    "issuer with a slash more": {"iss": "http://localhost/"},
    "no issuer": {"iss": None},
    "JW-07 meant for another client": {"aud": "provider-portal"},
    "JW-07 meant for us and another": {"aud": ["recipient-portal", "provider-portal"]},
    "no audience": {"aud": None},
    "authorized party is another": {"azp": "provider-portal"},
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "long expired": {"exp": 1_000_000_000},
    "no expiry": {"exp": None},
    "expiry is text": {"exp": "tomorrow"},
    "issued in the future": {"iat": 4_000_000_000},
    "issued long ago": {"iat": 1_000_000_000},
    "no issue time": {"iat": None},
    "no subject": {"sub": None},
    "subject is a number": {"sub": 7},
    "no session": {"sid": None},
    "hash of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "one factor only": {"acr": "urn:ncid:acr:aal1"},
    "no assurance": {"acr": None},
    "methods are text": {"amr": "pwd"},
}


@pytest.mark.parametrize("claims", BAD_CLAIMS.values(), ids=BAD_CLAIMS.keys())
def test_an_id_token_with_a_wrong_claim_opens_nothing(
    person: Person, provider: FakeProvider, claims: dict[str, Any]
) -> None:
    provider.bend_id_token = changed(**claims)

    assert_nobody_is_signed_in(person, person.sign_in("recipient"))


def _resigned(**header: Any) -> Callable[[dict[str, Any]], str]:
    key = header.pop("key", KEYS["RS256"])
    full = {"alg": "RS256", "kid": "rsa-1", **header}
    return lambda claims: fake_provider.signed(claims, full, key)


BAD_SIGNATURES = {
    "JW-01 alg none": _resigned(alg="none"),
    "JW-01 alg NoNe": _resigned(alg="NoNe"),
    "JW-01 HMAC with the public key": fake_provider.hmac_with_public_key,
    "signed by a foreign key": _resigned(key=FOREIGN_KEY),
    "unknown key id": _resigned(kid="nobody"),
    "no key id": lambda claims: fake_provider.signed(claims, {"alg": "RS256"}, KEYS["RS256"]),
    "another algorithm than the key's": _resigned(alg="RS512"),
    "a logout token": _resigned(typ="logout+jwt"),
    "an access token": _resigned(typ="at+jwt"),
    "unsigned": lambda claims: f"e30.{_resigned()(claims).split('.')[1]}.",
    "no token at all": lambda _claims: "nonsense",
    "huge": lambda _claims: "a" * 20_000,
    "not ASCII": lambda claims: _resigned()(claims) + "é",
    "JW-05 huge header": _resigned(x="a" * 2_000),
}


@pytest.mark.parametrize("sign", BAD_SIGNATURES.values(), ids=BAD_SIGNATURES.keys())
def test_an_id_token_that_the_provider_did_not_sign_opens_nothing(
    person: Person, provider: FakeProvider, sign: Callable[[dict[str, Any]], str]
) -> None:
    provider.sign = sign

    assert_nobody_is_signed_in(person, person.sign_in("recipient"))


def test_an_id_token_signed_with_es256_is_as_good(person: Person, provider: FakeProvider) -> None:
    header = {"alg": "ES256", "kid": "ec-1", "typ": "JWT"}
    provider.sign = lambda claims: fake_provider.signed(claims, header, KEYS["ES256"])

    assert person.sign_in("recipient").heading == "Welcome, Rrecipient"


def test_a_key_that_appears_later_is_fetched(person: Person, provider: FakeProvider) -> None:
    """Case JW-09, seen from the relying party: a new key id makes it read the keys again."""
    person.sign_in("recipient").submit(button="Sign out")
    newer = RSAKey.generate_key(2048, {"kid": "rsa-2", "use": "sig"})
    provider.sign = _resigned(kid="rsa-2", key=newer)
    KEYS["newer"] = newer
    try:
        person.portals.clock.advance(60)
        assert person.sign_in("recipient").heading == "Welcome, Rrecipient"
    finally:
        del KEYS["newer"]


@pytest.mark.parametrize(
    ("answer", "heading"),
    [
        ({"iss": None}, REFUSED),
        ({"iss": "https://evil.example"}, REFUSED),
        ({"state": None}, STALE),
        ({"state": "another"}, STALE),
        ({"code": None}, REFUSED),
        ({"code": "another"}, REFUSED),
    ],
    ids=["AZ-18 no iss", "AZ-18 mixed up", "no state", "forged state", "no code", "forged code"],
)
def test_an_answer_that_does_not_fit_the_request_opens_nothing(
    person: Person, provider: FakeProvider, answer: dict[str, Any], heading: str
) -> None:
    provider.bend_answer = lambda parameters: parameters.update(answer)

    assert_nobody_is_signed_in(person, person.sign_in("recipient"), heading)


def _callback(person: Person, provider: FakeProvider) -> str:
    """Walk to the provider and return the answer's address without following it."""
    page = person.open("recipient", "/secure")
    form = page.form("I agree")
    person.post("recipient", "/notice", form.values())
    away = person.open("recipient", "/sign-in", follow=False)
    return person.visitor.open(away.location, follow=False).location


def test_an_answer_counts_once(person: Person, provider: FakeProvider) -> None:
    address = _callback(person, provider)
    assert person.visitor.open(address).heading == "Welcome, Rrecipient"

    assert person.visitor.open(address).heading == STALE
    assert person.status("recipient")["active"] is True


def test_an_answer_in_another_browser_signs_nobody_in(
    person: Person, somebody_else: Person, provider: FakeProvider
) -> None:
    """Sign-in CSRF: the attacker's code and state in the victim's browser."""
    address = _callback(person, provider)
    somebody_else.open("recipient", "/notice")
    page = somebody_else.visitor.open(address)

    assert page.status == 400
    assert somebody_else.status("recipient")["active"] is False


def test_an_answer_with_a_doubled_parameter_is_refused(
    person: Person, provider: FakeProvider
) -> None:
    address = _callback(person, provider)

    assert person.visitor.open(f"{address}&state=x").status == 400
    assert person.status("recipient")["active"] is False


def test_an_answer_after_two_hours_is_stale(person: Person, provider: FakeProvider) -> None:
    address = _callback(person, provider)
    person.portals.clock.advance(7200)

    assert person.visitor.open(address).heading == STALE


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        ("access_denied", 200, "You cancelled the sign-in"),
        ("invalid_request", 400, REFUSED),
        ("<script>", 400, REFUSED),
        ("temporarily_unavailable", 503, "The sign-in service does not answer"),
        ("server_error", 503, "The sign-in service does not answer"),
    ],
)
def test_an_error_of_the_provider_gets_an_honest_page(
    person: Person, provider: FakeProvider, error: str, status: int, heading: str
) -> None:
    canary = "call-this-number-now"
    provider.bend_answer = lambda parameters: parameters.update(
        code=None, error=error, error_description=canary
    )
    page = person.sign_in("recipient")

    assert (page.status, page.heading) == (status, heading)
    assert canary not in page.response.text


def test_userinfo_about_somebody_else_ends_the_session(
    person: Person, provider: FakeProvider
) -> None:
    """OpenID Connect Core 1.0 section 5.3.2: the subjects must be the same."""
    person.sign_in("recipient")
    provider.person("mallory")

    page = person.open("recipient", "/secure")
    assert page.path == "/signed-out"
    assert "mallory" not in page.response.text


def test_tokens_are_renewed_once_and_the_session_goes_on(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(890)

    assert person.open("recipient", "/secure").heading == "Welcome, Rrecipient"
    assert provider.calls.count("/oidc/token") == 2
    assert person.open("recipient", "/secure").heading == "Welcome, Rrecipient"
    assert provider.calls.count("/oidc/token") == 2


def test_tokens_of_another_sign_in_do_not_renew_this_one(
    person: Person, provider: FakeProvider
) -> None:
    """OpenID Connect Core 1.0 section 12.2."""
    person.sign_in("recipient")
    person.portals.clock.advance(890)
    provider.bend_id_token = changed(sid="another")

    assert person.open("recipient", "/secure").path == "/signed-out"


def test_a_refused_renewal_ends_the_session(person: Person, provider: FakeProvider) -> None:
    person.sign_in("recipient")
    person.portals.clock.advance(890)
    provider.refresh_tokens.clear()

    page = person.open("recipient", "/secure")
    assert page.heading == "Your session has ended"


def test_the_database_holds_no_cookie_and_no_token(person: Person, provider: FakeProvider) -> None:
    """Case DB-01 for the portals."""
    person.sign_in("recipient")
    cookie = person.visitor.client.cookies["recipient-portal"]
    parts = person.portals.parts("recipient")
    with parts.database.reading() as rows:
        dump = "\n".join(rows.iterdump())

    id_token = provider.id_token(next(iter(_codes(provider))), "access-1")
    for secret in (cookie, "access-1", "refresh-1", id_token.rpartition(".")[0][:60]):
        assert secret not in dump


def _codes(provider: FakeProvider) -> list[fake_provider.Code]:
    return [fake_provider.Code(**json.loads(kept)) for kept in provider.refresh_tokens.values()]


def test_a_token_posted_with_invented_key_ids_does_not_make_the_portal_call_out_each_time(
    person: Person, provider: FakeProvider
) -> None:
    person.sign_in("recipient")
    before = provider.calls.count("/oidc/jwks")
    started = time.monotonic()
    for number in range(20):
        token = provider.logout_token("recipient-portal", header={"kid": f"invented-{number}"})
        assert (
            person.post("recipient", "/backchannel-logout", {"logout_token": token}).status == 400
        )

    assert provider.calls.count("/oidc/jwks") - before <= 1
    assert time.monotonic() - started < 2


def test_the_redirect_uri_never_follows_the_host_header(
    person: Person, provider: FakeProvider
) -> None:
    """Case RC-01: links come from the settings, and an unknown host is not answered."""
    answer = person.visitor.client.get(
        f"{URLS['recipient']}/register", headers={"Host": "evil.example"}
    )

    assert answer.status_code == 400
    assert "evil.example" not in answer.text
