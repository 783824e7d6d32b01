"""docs/relying-parties.md tells developers what the code does."""

import re

import pytest

from idp.oidc import claims, scopes
from tests.parts.application import Templates
from tools.places import ROOT

_GUIDE = (ROOT / "docs" / "relying-parties.md").read_text(encoding="utf-8")
_CODE = re.compile(r'(?:ProtocolError|refusal)\(\s*"([a-z_]+)"')
# Errors of registering by oneself, which RFC 7591 explains where it explains the endpoint.
_OF_REGISTRATION = {"invalid_client_metadata", "invalid_redirect_uri", "invalid_token"}


def error_codes() -> set[str]:
    """Every code that the protocol's files answer with."""
    files = (ROOT / "idp" / "oidc").rglob("*.py")
    return {code for file in files for code in _CODE.findall(file.read_text(encoding="utf-8"))}


def test_every_error_is_explained() -> None:
    codes = error_codes()
    assert len(codes) > 15
    missing = {code for code in codes - _OF_REGISTRATION if f"`{code}`" not in _GUIDE}
    assert not missing


def test_every_scope_has_its_row() -> None:
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", _GUIDE, re.MULTILINE))
    assert set(scopes.KNOWN) <= rows


def test_every_claim_about_a_person_is_named() -> None:
    of_the_token = "iss sub aud azp exp iat auth_time nonce acr amr at_hash sid"
    named = {*re.findall(r"`([a-z_]+)`", _GUIDE), *of_the_token.split()}
    assert of_the_token in _GUIDE
    assert set(claims.SUPPORTED) <= named


@pytest.mark.parametrize("example", ["flask_app.py", "node_app.mjs", "walk.sh"])
def test_every_example_is_there(example: str) -> None:
    assert f"(examples/{example})" in _GUIDE
    assert (ROOT / "docs" / "examples" / example).exists()


def test_lifetimes_are_those_of_the_policies(templates: Templates) -> None:
    text = (templates.policies / "tokens.toml").read_text(encoding="utf-8")
    lasting = {name: int(number) for name, number in re.findall(r"(?m)^(\w+) = (\d+)$", text)}
    assert f"| authorization code | {lasting['authorization_code_seconds']} s, once |" in _GUIDE
    assert f"| access token | {lasting['access_token_seconds'] // 60} minutes |" in _GUIDE
    assert f"again within {lasting['refresh_repeat_seconds']} s" in _GUIDE
