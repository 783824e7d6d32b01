"""`idp accounts` and `idp organizations`: what an operator may do without the consoles."""

import sys
from collections.abc import Iterator, Sequence

import click

from idp.cli.running import fail, open_context, show, succeed_or_fail
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts import rules
from idp.people.accounts import service as people
from idp.people.accounts.service import Account, Details
from idp.people.credentials import passwords, totp
from idp.people.credentials.rules import Personal
from idp.people.organizations import service as organization_service
from idp.people.rights.service import access_of, grant_role


@click.group()
def accounts() -> None:
    """Accounts."""


@accounts.command()
@click.option("--username", required=True)
@click.option("--email", required=True)
@click.option("--first-name", required=True)
@click.option("--last-name", required=True)
@click.option("--type", "account_type", type=click.Choice(rules.ACCOUNT_TYPES), required=True)
@click.option("--language", type=click.Choice(["en", "es"]), default="en")
@click.option("--password-stdin", is_flag=True, help="Read the password: one line.")
@click.option("--totp-secret-stdin", is_flag=True, help="Read a base32 secret: the next line.")
@click.option("--verified", is_flag=True, help="The email address is proven.")
@click.option(
    "--role", "roles", multiple=True, help="ROLE@ORGANIZATION or ROLE@ORGANIZATION:right,right"
)
def create(  # noqa: PLR0913 - one argument for each option of the contract
    username: str,
    email: str,
    first_name: str,
    last_name: str,
    account_type: str,
    language: str,
    password_stdin: bool,
    totp_secret_stdin: bool,
    verified: bool,
    roles: tuple[str, ...],
) -> None:
    """Create an account. Passwords and secrets come on standard input, one a line."""
    lines = _lines()
    password = next(lines, "") if password_stdin else None
    secret = next(lines, "") if totp_secret_stdin else None
    details = Details(account_type, username, first_name, last_name, email, language=language)
    with open_context("operator") as ctx:
        succeed_or_fail(
            create_account(ctx, details, password, secret, verified=verified, roles=roles)
        )
    click.echo(f"Created {username}.")


@accounts.command("show")
@click.argument("username")
@click.option("--json", "as_json", is_flag=True)
def show_account(username: str, as_json: bool) -> None:
    """Show an account, without anything secret."""
    with open_context("operator") as ctx:
        account = people.find_by_identifier(ctx, username)
        if account is None:
            fail("There is no such account.")
        show(_shown(ctx, account), as_json=as_json)


def create_account(
    ctx: Context,
    details: Details,
    password: str | None,
    totp_secret: str | None,
    *,
    verified: bool,
    roles: Sequence[str] = (),
) -> Account | Refused:
    """Create an account with its credentials and roles in one transaction.

    `Refused`: what accounts.create refuses, username_*, password_refused, role_*,
    organization_unknown.
    """
    policy = ctx.policies.accounts
    if key := rules.username_error(
        details.username,
        min_length=policy.invited_username_min_length,
        max_length=policy.username_max_length,
    ):
        return Refused(key, "username")
    if password is not None and (broken := broken_rules(ctx, details, password)):
        return Refused("password_refused", "password", {"rules": ", ".join(broken)})
    password_hash = passwords.make_hash(ctx, password) if password is not None else None
    try:
        with writing(ctx.db):
            return _create(ctx, details, password_hash, totp_secret, verified, roles)
    except _Undone as undone:
        return undone.refused


class _Undone(Exception):
    """Rolls the transaction back and carries the refusal out of it."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.key)
        self.refused = refused


def _create(
    ctx: Context,
    details: Details,
    password_hash: str | None,
    totp_secret: str | None,
    verified: bool,
    roles: Sequence[str],
) -> Account:
    state = "active" if totp_secret else "pending_mfa"
    account = people.create(ctx, details, state=state, verified=verified)
    if isinstance(account, Refused):
        raise _Undone(account)
    if password_hash:
        passwords.set_hash(ctx, account.id, password_hash)
    if totp_secret:
        totp.add_seeded_app(ctx, account.id, name="Authenticator app", secret=totp_secret)
    people.accept_terms(ctx, account.id, ctx.policies.accounts.terms_version)
    for role in roles:
        granted = _grant(ctx, account.id, role)
        if isinstance(granted, Refused):
            raise _Undone(granted)
    record(ctx, Event.ACCOUNT_CREATED, subject_id=account.id)
    return account


def _grant(ctx: Context, account_id: str, text: str) -> object:
    """Grant what ROLE@ORGANIZATION[:right,right] says."""
    role, _, place = text.partition("@")
    name, _, rights = place.partition(":")
    organization = organization_service.by_name(ctx, name) or organization_service.by_npi(ctx, name)
    if organization is None:
        return Refused("organization_unknown", "role", {"organization": name})
    wanted = [right for right in rights.split(",") if right]
    return grant_role(
        ctx, account_id=account_id, organization_id=organization.id, role=role, rights=wanted
    )


def broken_rules(ctx: Context, details: Details, password: str) -> list[str]:
    """Return the keys of every password rule that a new account's password breaks."""
    personal = Personal(details.username, (details.first_name, details.last_name))
    return passwords.judge(ctx, password, personal)


def _shown(ctx: Context, account: Account) -> dict[str, object]:
    names = ("username", "sub", "state", "account_type", "first_name", "last_name", "email")
    kept: dict[str, object] = {name: getattr(account, name) for name in names}
    return kept | {
        "email_verified": account.email_verified_at is not None,
        "authenticator_apps": totp.count(ctx, account.id),
        "access": access_of(ctx, account.id),
    }


def _lines() -> Iterator[str]:
    return (line.rstrip("\r\n") for line in sys.stdin)


@click.group()
def organizations() -> None:
    """Organizations."""


@organizations.command()
@click.option("--name", required=True)
@click.option("--kind", required=True)
@click.option("--npi")
@click.option("--verified", is_flag=True)
def add(name: str, kind: str, npi: str | None, verified: bool) -> None:
    """Add an organization."""
    with open_context("operator") as ctx:
        with writing(ctx.db):
            added = organization_service.add(ctx, kind=kind, name=name, npi=npi, verified=verified)
        succeed_or_fail(added)
    click.echo(f"Added {name}.")
