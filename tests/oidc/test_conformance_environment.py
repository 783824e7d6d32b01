"""The environment of the official suite: what only it may do, and what it refuses."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from pydantic import ValidationError
from sqlalchemy.orm import Session

from idp.app import create_app
from idp.cli.conformance import conformance as commands
from idp.cli.conformance import registration, seed_account
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Origin
from idp.foundation.database import db
from idp.foundation.rate_limits.service import LimitName
from idp.oidc.clients import service as clients
from idp.people.accounts import conformance
from idp.people.accounts import service as accounts
from idp.people.accounts.conformance import OtherAccounts
from idp.settings import Settings
from tests.oidc import story
from tests.parts.application import ISSUER
from tests.parts.browserless import Visitor
from tests.parts.fixtures import OpenBrowserless

PASSWORD = "A calm river-bed behind 7 hills"
SUITE = "http://localhost:9100"


@pytest.fixture
def conformance_settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"environment": "conformance"})


@pytest.fixture
def conformance_app(conformance_settings: Settings, clock: FixedClock) -> Flask:
    return create_app(conformance_settings, clock)


@pytest.fixture
def suite_visitor(conformance_app: Flask, browserless: OpenBrowserless) -> Visitor:
    return browserless({ISSUER: conformance_app})


def seeded(app: Flask) -> Context:
    """Seed the account through the application's own parts."""
    with app.app_context():
        engine = db.engine
    ctx: Context = app.extensions["idp"].context(Session(engine), Origin.system("test"))
    seed_account(ctx, PASSWORD)
    return ctx


def sign_in(visitor: Visitor) -> str:
    page = visitor.open(f"{ISSUER}/sign-in")
    return page.submit({"username": "conformance", "password": PASSWORD}).path


def test_the_account_signs_in_by_its_password_alone(
    conformance_app: Flask, suite_visitor: Visitor
) -> None:
    seeded(conformance_app)
    assert sign_in(suite_visitor) == "/account"


def test_anywhere_else_the_same_account_owes_a_second_factor(
    app: Flask, browserless: OpenBrowserless
) -> None:
    seeded(app)
    assert sign_in(browserless({ISSUER: app})) == "/sign-in/mfa"


def test_seeding_again_changes_the_password_alone(conformance_app: Flask) -> None:
    ctx = seeded(conformance_app)
    account = accounts.find_by_identifier(ctx, "conformance")
    assert account
    before = account.sub
    seed_account(ctx, f"{PASSWORD}!")
    again = accounts.find_by_identifier(ctx, "conformance")
    assert again
    assert again.sub == before


def test_it_opens_no_database_with_other_accounts(
    ctx: Context, conformance_settings: Settings, clock: FixedClock
) -> None:
    create_app(conformance_settings, clock)
    story.person(ctx)
    with pytest.raises(OtherAccounts):
        create_app(conformance_settings, clock)


def test_it_opens_a_database_without_tables(
    conformance_settings: Settings, clock: FixedClock, tmp_path: Path
) -> None:
    empty = {"database_url": f"sqlite:///{tmp_path / 'empty.sqlite3'}"}
    made = create_app(conformance_settings.model_copy(update=empty), clock)
    assert made.extensions["idp"].settings.is_conformance


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"environment": "conformance", "bind": "0.0.0.0:8000"}, "serves this machine"),
        ({"backchannel_ca_bundle": "ca.pem"}, "conformance environment alone"),
        (
            {"environment": "production", "issuer": "https://x.example",
             "backchannel_ca_bundle": "ca.pem"},
            "conformance environment alone",
        ),
    ],
)  # fmt: skip
def test_settings_that_would_loosen_another_place_are_refused(
    settings: Settings, changes: dict[str, str], wrong: str
) -> None:
    usual = {name: getattr(settings, name) for name in ("issuer", "brand", "mail", "data_dir")}
    with pytest.raises(ValidationError, match=wrong):
        Settings(**({"environment": "test"} | usual | changes))


def test_throttles_are_relaxed_there_and_only_there(conformance_app: Flask, app: Flask) -> None:
    name = LimitName.SIGN_IN_IDENTIFIER_IP
    relaxed, usual = (
        one.extensions["idp"].policies.rate_limits.limits[name] for one in (conformance_app, app)
    )
    assert (relaxed.amount, relaxed.per_seconds) == (usual.amount * 1000, usual.per_seconds)


def request_without_binding(client: FlaskClient) -> str:
    """Send a request with neither PKCE nor nonce; return where it leads."""
    answer = client.get(
        "/oidc/authorize",
        query_string={
            "client_id": "x-client",
            "redirect_uri": f"{SUITE}/test/a/x/callback",
            "response_type": "code",
            "scope": "openid",
        },
    )
    return answer.headers["Location"]


def add_client(ctx: Context) -> None:
    wanted = registration("client", SUITE, "x").model_copy(update={"backchannel_logout_uri": None})
    assert isinstance(clients.add(ctx, wanted), clients.Added)


def test_a_request_without_nonce_and_pkce_passes_there(conformance_app: Flask) -> None:
    add_client(seeded(conformance_app))
    assert request_without_binding(conformance_app.test_client()).startswith("/sign-in")


def test_anywhere_else_a_nonce_is_wanted_where_pkce_is_missing(ctx: Context, app: Flask) -> None:
    add_client(ctx)
    assert "error=invalid_request" in request_without_binding(app.test_client())


def test_every_standard_claim_is_filled(conformance_app: Flask) -> None:
    account = accounts.find_by_identifier(seeded(conformance_app), "conformance")
    assert account
    assert account.standard_claims
    assert account.address
    filled = (account.prefix, account.middle_initial, account.suffix, account.mobile_number)
    assert all(filled)


@pytest.mark.parametrize(
    "words", [["seed"], ["clients", "--suite", SUITE, "--alias", "x", "--json"]]
)
def test_the_commands_are_refused_anywhere_else(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, words: list[str]
) -> None:
    answer = run(monkeypatch, settings, "test", words)
    assert answer.exit_code == 1
    assert "IDP_ENVIRONMENT=conformance" in answer.output


def test_the_commands_print_what_the_suite_wants_to_know(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    made = run(monkeypatch, settings, "conformance", ["seed"])
    username, _, password = made.output.strip().partition(" ")
    assert (made.exit_code, username) == (0, conformance.USERNAME)
    assert len(password) > 14
    monkeypatch.setenv("IDP_BACKCHANNEL_HOSTS", '["localhost:9100"]')
    words = ["clients", "--suite", SUITE, "--alias", "x", "--json"]
    printed = json.loads(run(monkeypatch, settings, "conformance", words).output)
    assert printed["alias"] == "x"
    assert printed["server"]["discoveryUrl"].startswith(ISSUER)
    assert printed["client"]["client_secret"] != printed["client2"]["client_secret"]


def test_a_weak_password_is_refused(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text("short\n")
    answer = run(monkeypatch, settings, "conformance", ["seed", "--password-file", str(file)])
    assert answer.exit_code == 1
    assert "The password is refused" in answer.output


def run(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, environment: str, words: list[str]
) -> Result:
    """Run a command as an operator would, on the test's database."""
    monkeypatch.setenv("IDP_ENVIRONMENT", environment)
    monkeypatch.setenv("IDP_ISSUER", settings.issuer)
    monkeypatch.setenv("IDP_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("IDP_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("IDP_POLICIES_DIR", str(settings.policies_dir))
    return CliRunner().invoke(commands, words)
