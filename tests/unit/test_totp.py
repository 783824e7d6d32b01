"""Time steps of authenticator apps, against the vectors of RFC 6238 and our own arithmetic."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.foundation import policies
from idp.people.credentials import totp
from tests.parts.authenticator import totp as code_at
from tools.places import ROOT

POLICY = policies.load(ROOT / "policies").mfa
SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 3, 2, 15, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_vectors_of_rfc_6238_appendix_b_are_accepted(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert totp.matching_step(POLICY, SECRET, code, moment) == seconds // 30


@pytest.mark.parametrize("steps", [-2, -1, 0, 1, 2])
def test_a_clock_may_be_one_step_off_and_no_more(steps: int) -> None:
    code = code_at(SECRET, NOW + timedelta(seconds=30 * steps))
    found = totp.matching_step(POLICY, SECRET, code, NOW)
    present = int(NOW.timestamp()) // 30
    assert found == (present + steps if abs(steps) <= 1 else None)


@pytest.mark.parametrize("shown", ["{0}", " {0} ", "{1} {2}", "{1}\t{2}"])
def test_a_code_may_be_typed_with_spaces(shown: str) -> None:
    code = code_at(SECRET, NOW)
    typed = shown.format(code, code[:3], code[3:])
    assert totp.matching_step(POLICY, SECRET, typed, NOW) is not None


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "\ud800", "１２３４５６", "x" * 999]
)
def test_what_is_no_code_matches_nothing(typed: str) -> None:
    assert totp.matching_step(POLICY, SECRET, typed, NOW) is None


def test_a_new_secret_has_160_bits_and_is_never_the_same() -> None:
    secrets = {totp.new_secret(POLICY) for _ in range(50)}
    assert len(secrets) == 50
    assert {len(base64.b32decode(secret)) for secret in secrets} == {20}


def test_the_address_in_the_picture_carries_what_an_app_needs() -> None:
    uri = totp.provisioning_uri(POLICY, SECRET, account_name="maría", issuer="Carolina Sign-in")
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    query = parse_qs(parts.query)
    assert query["secret"] == [SECRET]
    assert query["issuer"] == ["Carolina Sign-in"]
    # An app's own defaults are SHA-1, six digits and thirty seconds.
    assert query.get("digits", ["6"]) == ["6"]
    assert query.get("period", ["30"]) == ["30"]
