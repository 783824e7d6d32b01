"""`idp conformance`: what the OpenID Foundation's suite needs; see docs/conformance.md."""

import sys
from pathlib import Path
from typing import Any

import click

from idp.cli.accounts import broken_rules
from idp.cli.demonstration import accepted_password
from idp.cli.running import fail, open_context, show, succeed_or_fail
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.oidc.clients import service
from idp.oidc.clients.registration import Registration
from idp.people.accounts import conformance as rules
from idp.people.accounts import service as people
from idp.people.accounts.service import Account
from idp.people.credentials import passwords

_SCOPE = "openid profile email phone address offline_access"
# The names that the suite's configuration has for its clients.
_CLIENTS = {
    "client": "client_secret_basic",
    "client_secret_post": "client_secret_post",
    "client2": "client_secret_basic",
}


@click.group()
def conformance() -> None:
    """The account and the clients of the official suite; in its own environment only."""


@conformance.command()
@click.option("--password-stdin", is_flag=True, help="Read the password: one line.")
@click.option("--password-file", type=click.Path(path_type=Path), help="Read it from a file.")
def seed(password_stdin: bool, password_file: Path | None) -> None:
    """Create the account `conformance`, or give it another password.

    Without an option a password is made and printed, this once.
    """
    given = _given(password_stdin, password_file)
    with open_context("operator") as ctx:
        _refuse_other_environments(ctx)
        password = given or accepted_password(ctx, rules.DETAILS)
        if broken := broken_rules(ctx, rules.DETAILS, password):
            fail(f"The password is refused: {', '.join(broken)}")
        seed_account(ctx, password)
    click.echo(f"{rules.USERNAME} may sign in." if given else f"{rules.USERNAME} {password}")


@conformance.command()
@click.option("--suite", required=True, help="The suite's address, e.g. https://localhost:8443")
@click.option("--alias", required=True, help="The alias of the test plan.")
@click.option("--json", "as_json", is_flag=True)
def clients(suite: str, alias: str, as_json: bool) -> None:
    """Register the suite's three static clients; print their part of its configuration."""
    with open_context("operator") as ctx:
        _refuse_other_environments(ctx)
        wanted = [registration(name, suite.rstrip("/"), alias) for name in _CLIENTS]
        added = [service.add(ctx, one) for one in wanted]
        issuer = ctx.settings.issuer
    for one in added:
        succeed_or_fail(one)
    secrets = [one for one in added if isinstance(one, service.Added)]
    shown: dict[str, Any] = {
        name: {"client_id": one.client_id, "client_secret": one.secret}
        for name, one in zip(_CLIENTS, secrets, strict=True)
    }
    server = {
        "discoveryUrl": f"{issuer}/.well-known/openid-configuration",
        # The suite warns of members it does not know; this one is ours.
        "allow_unexpected_metadata_fields": ["activity_endpoint"],
    }
    show({"alias": alias, "server": server, **shown}, as_json=as_json)


def registration(name: str, suite: str, alias: str) -> Registration:
    """Return what a client of the suite is registered with: no PKCE, since few modules send it."""
    base = f"{suite}/test/a/{alias}"
    return Registration(
        client_id=f"{alias}-{name.replace('_', '-')}",
        client_name="Conformance suite",
        redirect_uris=(f"{base}/callback",),
        post_logout_redirect_uris=(f"{base}/post_logout_redirect",),
        backchannel_logout_uri=f"{base}/backchannel_logout",
        frontchannel_logout_uri=f"{base}/frontchannel_logout",
        frontchannel_logout_session_required=True,
        token_endpoint_auth_method=_CLIENTS[name],
        grant_types=("authorization_code", "refresh_token"),
        scope=_SCOPE,
        require_pkce=False,
    )


def seed_account(ctx: Context, password: str) -> None:
    """Create the account with every standard claim, or change its password."""
    password_hash = passwords.make_hash(ctx, password)
    with writing(ctx.db):
        account = people.find_by_identifier(ctx, rules.USERNAME)
        if account is None:
            account = _made(ctx)
        passwords.set_hash(ctx, account.id, password_hash)


def _made(ctx: Context) -> Account:
    account = people.create(ctx, rules.DETAILS, state="active", verified=True)
    if isinstance(account, Refused):
        fail(f"{rules.USERNAME}: {account.key}")
    rules.fill(account)
    people.accept_terms(ctx, account.id, ctx.policies.accounts.terms_version)
    record(ctx, Event.ACCOUNT_CREATED, subject_id=account.id)
    return account


def _given(from_stdin: bool, file: Path | None) -> str | None:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return file.read_text(encoding="utf-8").splitlines()[0] if file else None


def _refuse_other_environments(ctx: Context) -> None:
    if not ctx.settings.is_conformance:
        fail("Only with IDP_ENVIRONMENT=conformance.")
