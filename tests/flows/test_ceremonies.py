"""What browsers answer is untrusted bytes: whatever is changed in them, it is refused in peace."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.people.credentials import ceremonies, passkeys
from idp.people.credentials.passkeys import Passkey
from tests.flows.signing_in import Person, add_person
from tests.flows.with_passkeys import account_of, add_passkey, new_key
from tests.parts.passkey import SoftPasskey, raw, text

_CHALLENGE = b"a challenge of thirty-two bytes!"
_SAME_ROWS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
_OF_NEW = ("clientDataJSON", "attestationObject", "transports")
_OF_USED = ("clientDataJSON", "authenticatorData", "signature", "userHandle")


@pytest.fixture
def person(ctx: Context, clock: FixedClock) -> Person:
    """Somebody with an account."""
    return add_person(ctx, clock)


@pytest.fixture
def key(ctx: Context, person: Person) -> SoftPasskey:
    """Their passkey."""
    return add_passkey(ctx, person)


def row(ctx: Context, person: Person) -> Passkey:
    """Return the passkey as it is kept."""
    (found,) = passkeys.working(ctx, person.id)
    return found


def used(ctx: Context, key: SoftPasskey) -> dict[str, Any]:
    """Return a right answer, as a value that can be changed."""
    answer: dict[str, Any] = json.loads(key.get(ceremonies.request_options(ctx, _CHALLENGE)))
    return answer


def made(ctx: Context, person: Person) -> dict[str, Any]:
    """Return a right new passkey, as a value that can be changed."""
    options = ceremonies.creation_options(ctx, account_of(ctx, person), _CHALLENGE, ())
    answer: dict[str, Any] = json.loads(new_key().create(options))
    return answer


def count(ctx: Context, person: Person, answer: dict[str, Any]) -> int | None:
    """Let the provider check an answer."""
    found, account = row(ctx, person), account_of(ctx, person)
    return ceremonies.verified_count(ctx, found, account, _CHALLENGE, json.dumps(answer))


def changed(written: str, data: st.DataObject) -> str:
    """Change one byte of what stands there as base64url; signatures vary in length."""
    whole, place = bytearray(raw(written)), data.draw(st.integers(0, 10_000))
    whole[place % len(whole)] ^= data.draw(st.integers(1, 255))
    return text(bytes(whole))


def test_the_right_answer_is_right(ctx: Context, person: Person, key: SoftPasskey) -> None:
    assert count(ctx, person, used(ctx, key)) == 1
    assert ceremonies.read_new(ctx, _CHALLENGE, json.dumps(made(ctx, person)))


@_SAME_ROWS
@given(st.data())
def test_an_answer_with_any_byte_changed_is_refused(
    ctx: Context, person: Person, key: SoftPasskey, data: st.DataObject
) -> None:
    answer = used(ctx, key)
    part = data.draw(st.sampled_from(_OF_USED))
    answer["response"][part] = changed(answer["response"][part], data)
    assert count(ctx, person, answer) is None


@_SAME_ROWS
@given(st.data())
def test_a_new_passkey_with_any_byte_changed_is_refused_or_kept_and_never_an_error(
    ctx: Context, person: Person, data: st.DataObject
) -> None:
    answer = made(ctx, person)
    part = data.draw(st.sampled_from(_OF_NEW[:2]))
    answer["response"][part] = changed(answer["response"][part], data)
    ceremonies.read_new(ctx, _CHALLENGE, json.dumps(answer))  # nothing is signed in it


@_SAME_ROWS
@given(st.sampled_from(_OF_USED + _OF_NEW), _JSON)
def test_any_json_in_any_place_is_refused_and_never_an_error(
    ctx: Context, person: Person, key: SoftPasskey, part: str, value: object
) -> None:
    for answer in (used(ctx, key), made(ctx, person)):
        answer["response"][part] = value
        for odd in (answer, answer | {"id": value}, answer | {"rawId": value, "type": value}):
            written = json.dumps(odd)
            ceremonies.credential_id(written)
            ceremonies.read_new(ctx, _CHALLENGE, written)
            count(ctx, person, odd)


@_SAME_ROWS
@given(st.text())
def test_any_text_at_all_names_no_passkey(
    ctx: Context, person: Person, key: SoftPasskey, said: str
) -> None:
    assert ceremonies.credential_id(said) == ""
    assert ceremonies.read_new(ctx, _CHALLENGE, said) is None


@pytest.mark.parametrize(
    ("issuer", "origin", "rp_id"),
    [
        ("https://id.example.gov", "https://id.example.gov", "id.example.gov"),
        ("https://ID.Example.gov:443/", "https://id.example.gov", "id.example.gov"),
        ("https://id.example.gov:8443", "https://id.example.gov:8443", "id.example.gov"),
        ("http://localhost:8000", "http://localhost:8000", "localhost"),
        ("http://localhost:80", "http://localhost", "localhost"),
    ],
)
def test_RC_01_origin_and_party_are_the_configured_issuers_as_browsers_write_them(
    issuer: str, origin: str, rp_id: str, ctx: Context
) -> None:
    moved = ctx.settings.model_copy(update={"issuer": issuer})
    there = Context(replace(ctx.parts, settings=moved), ctx.db, ctx.origin)
    assert ceremonies._origin(there) == origin
    assert ceremonies.rp_id(there) == rp_id


def test_a_passkey_with_a_name_longer_than_the_standard_allows_is_not_kept(
    ctx: Context, person: Person
) -> None:
    options = ceremonies.creation_options(ctx, account_of(ctx, person), _CHALLENGE, ())
    for length, is_kept in ((1023, True), (1024, False)):
        answer = new_key(credential_id=b"n" * length).create(options)
        assert (ceremonies.read_new(ctx, _CHALLENGE, answer) is not None) is is_kept
