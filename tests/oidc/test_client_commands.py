"""`idp clients` and `idp keys`: what operators do, through the commands themselves."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from idp.cli import running
from idp.cli.clients import clients
from idp.cli.keys import keys
from idp.foundation.context import Context
from tests.oidc import story
from tests.oidc.story import Application, SigningKey

Run = Callable[..., Result]
URI = "http://localhost:9001/callback"


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on the test's own application."""
    monkeypatch.setattr(running, "application", lambda: app)
    return lambda group, *words, **more: CliRunner().invoke(group, words, **more)


def printed(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_a_client_is_added_with_everything_it_may_have(
    run: Run, ctx: Context, tmp_path: Path
) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(SigningKey.make().jwks))
    words = (
        "add", "--client-id", "full", "--name", "Full", "--name-es", "Completa",
        "--redirect-uri", URI, "--auth-method", "private_key_jwt", "--jwks", str(file),
        "--pairwise", "--frontchannel-logout-uri", "http://localhost:9001/out",
        "--backchannel-logout-uri", "https://portal.example/notices",
        "--grant-type", "authorization_code", "--grant-type", "client_credentials",
        "--scope", "openid access:read", "--resource", "https://api.example/",
        "--signing-alg", "EdDSA", "--userinfo-signing-alg", "ES256", "--json",
    )  # fmt: skip
    assert printed(run(clients, *words)) == {"client_id": "full", "client_secret": None}
    [listed] = printed(run(clients, "list", "--json"))
    assert listed["subject_type"] == "pairwise"
    assert listed["frontchannel_logout_uri"] == "http://localhost:9001/out"
    assert listed["jwks"]["keys"][0]["kid"] == "a-key"
    assert listed["names"] == {"en": "Full", "es": "Completa"}
    assert (listed["signing_alg"], listed["userinfo_signing_alg"]) == ("EdDSA", "ES256")
    assert not {"secret_hash", "registration_token_hash"} & set(listed)


def test_a_native_public_client_is_added(run: Run) -> None:
    words = ("add", "--client-id", "app", "--public", "--native", "--redirect-uri")
    result = run(clients, *words, "http://127.0.0.1/callback", "--json")
    assert printed(result)["client_secret"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--redirect-uri", "x"), "uri_not_absolute"),
        ((), "redirect_uri_missing"),
        (("--redirect-uri", URI, "--auth-method", "x"), "token_endpoint_auth_method"),
        (("--redirect-uri", URI, "--auth-method", "private_key_jwt"), "jwks_missing"),
    ],
)
def test_what_is_wrong_is_named(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run(clients, "add", "--client-id", "x", *words)
    assert result.exit_code == 1
    assert said in result.output


def test_keys_that_are_no_json_are_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text("{")
    words = ("add", "--client-id", "x", "--redirect-uri", URI, "--jwks", str(file))
    result = run(clients, *words)
    assert (result.exit_code, "no JSON" in result.output) == (1, True)


def test_a_secret_is_replaced_and_the_former_one_ends(
    run: Run, ctx: Context, client: FlaskClient, portal: Application
) -> None:
    made = printed(run(clients, "rotate-secret", "portal", "--json"))
    form: dict[str, str | None] = {"grant_type": "authorization_code", "code": "x"}
    assert portal.post(client, "/oidc/token", form).status_code == 401
    portal.secret = made["client_secret"]
    assert portal.post(client, "/oidc/token", form).status_code == 400
    events = ctx.db.execute(text("SELECT event FROM audit_event")).scalars().all()
    assert "client.secret_replaced" in events
    assert run(clients, "rotate-secret", "nobody").exit_code == 1
    story.register(ctx, "spa", token_endpoint_auth_method="none", reports_activity=False)
    assert run(clients, "rotate-secret", "spa").exit_code == 1


def test_a_developer_is_allowed_to_register(run: Run, client: FlaskClient) -> None:
    words = ("registration-token", "--label", "somebody", "--uses", "1", "--json")
    made = printed(run(clients, *words))
    path = made["registration_endpoint"].partition("8000")[2]
    headers = {"Authorization": f"Bearer {made['initial_access_token']}"}
    sent = {"redirect_uris": [URI]}
    assert client.post(path, json=sent, headers=headers).status_code == 201
    assert client.post(path, json=sent, headers=headers).status_code == 401


def test_keys_are_rotated_and_withdrawn(run: Run, client: FlaskClient) -> None:
    [row] = printed(run(keys, "rotate", "--alg", "ES256", "--json"))
    shown = {key["kid"] for key in client.get("/oidc/jwks").get_json()["keys"]}
    assert row["kid"] in shown
    states = {one["kid"]: one["state"] for one in printed(run(keys, "list", "--json"))}
    assert states[row["kid"]] == "published"
    assert run(keys, "rotate", "--alg", "ES256").exit_code == 1
    assert run(keys, "rotate", "--alg", "HS256").exit_code == 2
    assert run(keys, "withdraw", row["kid"]).exit_code == 0
    shown = {key["kid"] for key in client.get("/oidc/jwks").get_json()["keys"]}
    assert row["kid"] not in shown
    assert run(keys, "withdraw", row["kid"]).exit_code == 1
