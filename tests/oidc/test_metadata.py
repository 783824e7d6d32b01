"""Discovery and keys."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.web.guards import declared_by
from tests.parts.application import ISSUER

WELL_KNOWN = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(WELL_KNOWN[0]).get_json()
    return found


def test_every_endpoint_named_is_there(
    app: Flask, client: FlaskClient, document: dict[str, Any]
) -> None:
    assert document["issuer"] == ISSUER
    rules = {str(rule) for rule in app.url_map.iter_rules()}
    named = [value for name, value in document.items() if name.endswith(("_endpoint", "_uri"))]
    assert {address.removeprefix(ISSUER) for address in named} <= rules
    assert len(named) >= 7
    assert client.get(WELL_KNOWN[1]).get_json() == document


@pytest.mark.parametrize("address", [*WELL_KNOWN, "/oidc/jwks"])
def test_documents_are_for_everybody_and_revalidated(client: FlaskClient, address: str) -> None:
    first = client.get(address, headers={"Origin": "https://any.example"})
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in first.headers
    assert "Set-Cookie" not in first.headers
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_JW_08_keys_have_public_members_only(client: FlaskClient) -> None:
    keys = client.get("/oidc/jwks").get_json()["keys"]
    assert keys
    assert len({key["kid"] for key in keys}) == len(keys)
    for key in keys:
        assert {"kid", "alg", "use", "kty"} <= set(key)
        assert not set(key) & {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}


def test_every_endpoint_says_who_may_call_it(app: Flask) -> None:
    views = [name for name in app.view_functions if re.match(r"oidc\.", name)]
    assert len(views) >= 15
    for name in views:
        assert declared_by(app.view_functions[name]), name
