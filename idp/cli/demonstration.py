"""`idp demo`: the people of the demonstration; refused in production."""

import json
import os
import secrets
import string
import tomllib
from pathlib import Path
from typing import Any

import click
import pyotp

from idp.cli.accounts import broken_rules, create_account
from idp.cli.running import fail, open_context, show
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts import service as people
from idp.people.accounts.service import Details
from idp.people.credentials import totp
from idp.people.organizations import service as organizations

_GROUPS = 4


@click.group()
def demo() -> None:
    """The demonstration's people."""


@demo.command()
def seed() -> None:
    """Create the organizations and accounts of config/demo.toml that do not exist yet."""
    with open_context("demonstration") as ctx:
        _refuse_production(ctx)
        wanted = tomllib.loads((ctx.settings.config_dir / "demo.toml").read_text())
        for organization in wanted["organizations"]:
            _add_organization(ctx, organization)
        known = _read(_file(ctx))
        for account in wanted["accounts"]:
            _add_account(ctx, account, known)
    click.echo("The demonstration's accounts are there.")


@demo.command("show")
@click.option("--json", "as_json", is_flag=True)
def show_accounts(as_json: bool) -> None:
    """Print usernames, passwords, authenticator secrets and the codes of this moment."""
    with open_context("demonstration") as ctx:
        _refuse_production(ctx)
        now = ctx.now()
        rows = [
            {**row, "totp_code": pyotp.TOTP(row["totp_secret"]).at(now)}
            for row in _read(_file(ctx)).values()
        ]
    show(rows, as_json=as_json)


def _refuse_production(ctx: Context) -> None:
    if not ctx.settings.shows_dev_pages:
        fail("The demonstration's accounts exist in development and tests only.")


def _add_organization(ctx: Context, wanted: dict[str, Any]) -> None:
    if organizations.by_name(ctx, wanted["name"]):
        return
    with writing(ctx.db):
        organizations.add(ctx, **wanted, verified=True)


def _add_account(ctx: Context, wanted: dict[str, Any], known: dict[str, dict[str, str]]) -> None:
    username = wanted["username"]
    if people.find_by_identifier(ctx, username):
        return
    details = _details(wanted)
    row = {
        "username": username,
        "password": accepted_password(ctx, details),
        "totp_secret": totp.new_secret(ctx.policies.mfa),
    }
    # Kept before the account exists: an account whose password nobody knows would be useless.
    known[username] = row
    _write(_file(ctx), known)
    roles = [_role(text) for text in wanted.get("roles", ())]
    made = create_account(
        ctx, details, row["password"], row["totp_secret"], verified=True, roles=roles
    )
    if isinstance(made, Refused):
        fail(f"{username}: {made.key}")


def _details(wanted: dict[str, Any]) -> Details:
    return Details(
        wanted["type"],
        wanted["username"],
        wanted["first_name"],
        wanted["last_name"],
        f"{wanted['username']}@example.org",
        business_name=wanted.get("business_name", ""),
    )


def _role(wanted: dict[str, Any]) -> str:
    rights = ",".join(wanted.get("rights", ()))
    return f"{wanted['role']}@{wanted['organization']}:{rights}"


def accepted_password(ctx: Context, details: Details) -> str:
    """Return a random password that the policy accepts for this person."""
    password = _password()
    while broken_rules(ctx, details, password):
        password = _password()
    return password


def _password() -> str:
    """Return a random password that is easy to type."""
    letters = string.ascii_lowercase.replace("l", "").replace("o", "")
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(_GROUPS))
    return f"{'-'.join(groups)}-{secrets.choice('ABCDEFGH')}{secrets.randbelow(8) + 2}"


def _file(ctx: Context) -> Path:
    return ctx.settings.secrets / "demo.json"


def _read(path: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(path.read_text()) if path.exists() else {}
    return found


def _write(path: Path, rows: dict[str, dict[str, str]]) -> None:
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(rows, file, indent=2)
    draft.replace(path)
