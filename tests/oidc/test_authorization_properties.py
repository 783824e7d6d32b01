"""What holds of every request: PKCE, JSON parameters, scopes; decided by values alone."""

import base64
import hashlib
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc import scopes, strict_json
from idp.oidc.authorization import claims_parameter, details, pkce, prompt, scope
from idp.oidc.authorization.asked import Asked
from idp.oidc.clients.client import Client
from idp.oidc.parameters import Parameters
from idp.oidc.token.authorization_code import verifier_fits

_UNRESERVED = string.ascii_letters + string.digits + "-._~"
_VERIFIERS = st.text(_UNRESERVED, min_size=43, max_size=128)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
CLIENT = Client(
    client_id="client",
    names={"en": "A client"},
    client_uri=None,
    secret_hash=None,
    auth_method="none",
    grant_types=frozenset({"authorization_code"}),
    redirect_uris=frozenset({"https://client.example/"}),
    post_logout_redirect_uris=frozenset(),
    backchannel_logout_uri=None,
    initiate_login_uri=None,
    scopes=frozenset({"openid", "email", "offline_access"}),
    signing_alg="RS256",
    default_acr_values=(),
    requires_pkce=True,
    is_first_party=False,
    reports_activity=False,
    version=1,
    authorization_details_types=frozenset({"esignature"}),
)


def asked(**parameters: str) -> Asked:
    return Asked(Parameters(parameters), CLIENT, "https://client.example/")


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@given(_VERIFIERS)
def test_a_verifier_fits_its_own_challenge(verifier: str) -> None:
    challenge = challenge_of(verifier)
    assert verifier_fits(verifier, challenge)
    assert pkce.check(asked(code_challenge=challenge, code_challenge_method="S256")) is None


@given(_VERIFIERS, _VERIFIERS | st.text(max_size=140))
def test_no_other_verifier_fits(verifier: str, other: str) -> None:
    if other != verifier:
        assert not verifier_fits(other, challenge_of(verifier))
    assert not verifier_fits(challenge_of(verifier), challenge_of(verifier))
    assert not verifier_fits(None, challenge_of(verifier))
    assert not verifier_fits(verifier, None)


@given(st.text(max_size=140), st.text(max_size=8) | st.sampled_from(["S256", "plain"]))
def test_a_challenge_is_taken_whole_or_not_at_all(challenge: str, method: str) -> None:
    is_taken = pkce.check(asked(code_challenge=challenge, code_challenge_method=method)) is None
    is_right = 43 <= len(challenge) <= 128 and set(challenge) <= set(_UNRESERVED)
    assert is_taken is (is_right and method == "S256")


@given(st.text(max_size=60))
def test_any_prompt_is_known_or_refused(text: str) -> None:
    wanted = asked(prompt=text)
    if prompt.check(wanted) is None:
        assert prompt.values(wanted) <= set(prompt.PROMPTS)
        assert "none" not in prompt.values(wanted) or len(prompt.values(wanted)) == 1


@given(st.lists(st.sampled_from([*scopes.KNOWN, "x", ""]), max_size=8))
def test_nothing_is_granted_that_is_not_registered(wanted: list[str]) -> None:
    granted = scope.granted(asked(scope=" ".join(wanted)))
    assert set(granted) <= set(wanted) & {"openid", "email"}


@given(_JSON)
def test_any_json_is_a_claims_parameter_or_refused(value: object) -> None:
    wanted = asked(claims=json.dumps(value))
    if claims_parameter.check(wanted) is None:
        kept = claims_parameter.kept(wanted) or {}
        assert {name for names in kept.values() for name in names} <= {"email", "email_verified"}


@given(_JSON | st.lists(st.dictionaries(st.sampled_from(["type", "title", "npi"]), _JSON)))
def test_any_json_is_details_or_refused(value: object) -> None:
    error = details.check(asked(authorization_details=json.dumps(value)))
    assert error is not None
    assert error.error == "invalid_authorization_details"


@given(_JSON)
def test_json_comes_back(value: object) -> None:
    assert strict_json.read(json.dumps(value)) == value


@given(st.text(max_size=80))
def test_any_text_is_json_or_refused(text: str) -> None:
    try:
        strict_json.read(text)
    except ValueError:
        return
    assert json.loads(text) is not ...


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 50_000, '{"a":1,"a":2}', "NaN", "-Infinity"]
)
def test_IN_04_traps_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        strict_json.read(text)
