"""`idp clients`: the applications that may sign people in here."""

import json
import sys
from pathlib import Path

import click
from pydantic import ValidationError

from idp.cli.running import fail, open_context, show, succeed_or_fail
from idp.oidc.clients import configuration, service
from idp.oidc.clients.registration import Registration
from idp.settings import read_variable


@click.group()
def clients() -> None:
    """Applications (relying parties)."""


@clients.command()
@click.option("--client-id", required=True)
@click.option("--name", default="")
@click.option("--redirect-uri", "redirect_uris", multiple=True, required=True)
@click.option("--post-logout-redirect-uri", "post_logout_redirect_uris", multiple=True)
@click.option("--auth-method", default="client_secret_basic")
@click.option("--grant-type", "grant_types", multiple=True)
@click.option("--scope", default="openid profile email")
@click.option("--public", is_flag=True, help="No secret: PKCE alone.")
@click.option("--first-party", is_flag=True)
@click.option("--backchannel-logout-uri", default="")
@click.option("--json", "as_json", is_flag=True)
def add(as_json: bool, **options: object) -> None:
    """Register a client and print its secret, which is shown this once."""
    _add(_metadata(options), as_json=as_json)


@clients.command()
@click.option("--json", "as_json", is_flag=True)
def register(as_json: bool) -> None:
    """Register a client from its metadata on standard input: JSON, names as in clients.toml."""
    try:
        metadata = json.loads(sys.stdin.read())
    except ValueError as error:
        fail(f"That is no JSON: {error}")
    _add(metadata, as_json=as_json)


def _add(metadata: object, *, as_json: bool) -> None:
    try:
        registration = Registration.model_validate(metadata)
    except ValidationError as error:
        fail(str(error))
    with open_context("operator") as ctx:
        added = service.add(ctx, registration)
    succeed_or_fail(added)
    if isinstance(added, service.Added):
        shown = {"client_id": added.client_id, "client_secret": added.secret}
        show(shown, as_json=as_json)


@clients.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_clients(as_json: bool) -> None:
    """List every client, without secrets."""
    with open_context("operator") as ctx:
        show(service.listed(ctx), as_json=as_json)


@clients.command()
@click.argument("client_id")
def disable(client_id: str) -> None:
    """Disable a client at once."""
    with open_context("operator") as ctx:
        succeed_or_fail(service.disable(ctx, client_id))
    click.echo(f"Disabled {client_id}.")


@clients.command()
@click.option("--secrets-dir", type=click.Path(path_type=Path), help="Files named by client id.")
@click.option("--json", "as_json", is_flag=True)
def sync(secrets_dir: Path | None, as_json: bool) -> None:
    """Bring the clients of config/clients.toml in force; print the secrets it made."""
    with open_context("operator") as ctx:
        path = ctx.settings.config_dir / "clients.toml"
        try:
            wanted = configuration.read(path, read_variable)
        except configuration.ClientsBad as error:
            fail(str(error))
        synced = service.sync(ctx, wanted, _secrets(secrets_dir))
    succeed_or_fail(synced)
    if isinstance(synced, service.Synced):
        text = {"added": synced.added, "changed": synced.changed, "secrets": synced.secrets}
        click.echo(json.dumps(text) if as_json else f"Clients are up to date: {text}")


def _secrets(folder: Path | None) -> dict[str, str]:
    files = [path for path in folder.iterdir() if path.is_file()] if folder else []
    return {path.name: path.read_text().strip() for path in files}


def _metadata(options: dict[str, object]) -> dict[str, object]:
    renamed = {
        "client_name": options.pop("name") or options["client_id"],
        "token_endpoint_auth_method": "none" if options.pop("public") else options["auth_method"],
    }
    del options["auth_method"]
    return {name: value for name, value in (options | renamed).items() if value}
