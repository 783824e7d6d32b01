"""Defaults of the OAuth library that are wrong for a provider (protocol.md section 4).

One test for each stays here or, where it is a case of security.md, under that case's name:
`plain` and missing challenges AZ_13 AZ_14 · facts of a refreshed ID token
`test_a_refreshed_id_token_repeats_the_sign_in` · save before consume, replay TK_01 · rotation
TK_09 · form_post AZ_16 · max_age and prompts AZ_20 AZ_22 · redirect_uri left out AZ_11 · quotes and
other alphabets AZ_03 AZ_15 · iss in errors AZ_18 · parameters in the address TK_21 · twins AZ_12 ·
request objects AZ_24 · hints at sign-out test_logout.py · secrets in clear DB_01.
"""

import ast
from pathlib import Path

import authlib
import jwt
from flask.testing import FlaskClient

from tests.oidc.story import Application, Browser
from tools.places import ROOT


def test_the_version_is_the_one_that_was_looked_at() -> None:
    assert authlib.__version__ == "1.9.9"
    assert "authlib==1.9.9" in (ROOT / "setup.cfg").read_text()


def test_tokens_are_signed_with_the_one_active_key_which_the_header_names(
    browser: Browser, portal: Application
) -> None:
    signed = [browser.tokens(portal)["id_token"] for _ in range(5)]
    kids = {jwt.get_unverified_header(token)["kid"] for token in signed}
    published = [key["kid"] for key in browser.client.get("/oidc/jwks").get_json()["keys"]]
    assert kids == {published[0]}


def test_access_tokens_do_not_live_ten_days(browser: Browser, portal: Application) -> None:
    assert browser.tokens(portal)["expires_in"] == 900


def test_no_error_repeats_what_was_sent(client: FlaskClient, portal: Application) -> None:
    sent = {"grant_type": "x-canary", "code": "y-canary", "client_id": "z-canary"}
    for form in (sent, sent | {"grant_type": "authorization_code"}):
        answer = client.post("/oidc/token", data=form)
        assert "canary" not in answer.text


def test_the_library_stays_behind_the_token_endpoint() -> None:
    importing = {
        path.relative_to(ROOT).parts[:3]
        for path in (ROOT / "idp").rglob("*.py")
        for name in _imports(path)
        if name.startswith("authlib")
    }
    assert importing == {("idp", "oidc", "token")}
    assert not [
        path
        for path in (ROOT / "idp").rglob("*.py")
        if any(name.startswith("authlib.jose") for name in _imports(path))
    ]


def _imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
        elif isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
    return found
