"""`idp clients`: the applications that may sign people in here."""

import json
import sys
from pathlib import Path
from typing import Any, TextIO

import click
from pydantic import ValidationError

from idp.cli.running import fail, open_context, show, succeed_or_fail
from idp.oidc.clients import configuration, service
from idp.oidc.clients.registration import Registration
from idp.oidc.registration import service as registration
from idp.settings import read_variable


@click.group()
def clients() -> None:
    """Applications (relying parties)."""


@clients.command()
@click.option("--client-id", required=True)
@click.option("--name", default="")
@click.option("--name-es", default="", help="The name in Spanish.")
@click.option("--redirect-uri", "redirect_uris", multiple=True)
@click.option("--post-logout-redirect-uri", "post_logout_redirect_uris", multiple=True)
@click.option("--auth-method", default="client_secret_basic")
@click.option("--jwks", type=click.File(), help="A file with the client's public keys.")
@click.option("--grant-type", "grant_types", multiple=True)
@click.option("--scope", default="openid profile email")
@click.option("--resource", "resources", multiple=True, help="What it may ask tokens for.")
@click.option("--serves", multiple=True, help="The resources that it is.")
@click.option("--signing-alg", "id_token_signed_response_alg", default="")
@click.option("--userinfo-signing-alg", "userinfo_signed_response_alg", default="")
@click.option("--public", is_flag=True, help="No secret: PKCE alone.")
@click.option("--native", is_flag=True, help="An installed application.")
@click.option("--pairwise", is_flag=True, help="A subject that no other sector is told.")
@click.option("--first-party", is_flag=True)
@click.option("--backchannel-logout-uri", default="")
@click.option("--frontchannel-logout-uri", default="")
@click.option("--json", "as_json", is_flag=True)
def add(as_json: bool, jwks: TextIO | None, **options: object) -> None:
    """Register a client and print its secret, which is shown this once."""
    keys = {} if jwks is None else {"jwks": _json(jwks.read())}
    _add(_metadata(options) | keys, as_json=as_json)


@clients.command()
@click.option("--json", "as_json", is_flag=True)
def register(as_json: bool) -> None:
    """Register a client from its metadata on standard input: JSON, names as in clients.toml."""
    _add(_json(sys.stdin.read()), as_json=as_json)


def _add(metadata: object, *, as_json: bool) -> None:
    try:
        wanted = Registration.model_validate(metadata)
    except ValidationError as error:
        fail(str(error))
    with open_context("operator") as ctx:
        added = service.add(ctx, wanted)
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


@clients.command("rotate-secret")
@click.argument("client_id")
@click.option("--json", "as_json", is_flag=True)
def rotate_secret(client_id: str, as_json: bool) -> None:
    """Give a client another secret and print it, this once; the former one ends at once."""
    with open_context("operator") as ctx:
        secret = service.replace_secret(ctx, client_id)
    succeed_or_fail(secret)
    show({"client_id": client_id, "client_secret": secret}, as_json=as_json)


@clients.command("registration-token")
@click.option("--label", required=True, help="Who gets it, for the audit trail.")
@click.option("--uses", default=1, show_default=True, type=click.IntRange(1, 1000))
@click.option("--hours", default=24, show_default=True, type=click.IntRange(1, 24 * 30))
@click.option("--json", "as_json", is_flag=True)
def registration_token(label: str, uses: int, hours: int, as_json: bool) -> None:
    """Allow a developer to register clients: prints the initial access token, this once."""
    with open_context("operator") as ctx:
        token = registration.allow(ctx, label=label, uses=uses, seconds=hours * 3600)
        address = f"{ctx.settings.issuer}{registration.PATH}"
    show({"registration_endpoint": address, "initial_access_token": token}, as_json=as_json)


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


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        fail(f"That is no JSON: {error}")


def _metadata(options: dict[str, object]) -> dict[str, object]:
    auth_method, is_public = options.pop("auth_method"), options.pop("public")
    renamed = {
        "client_name": options.pop("name") or options["client_id"],
        "client_name#es": options.pop("name_es"),
        "token_endpoint_auth_method": "none" if is_public else auth_method,
        "application_type": "native" if options.pop("native") else "web",
        "subject_type": "pairwise" if options.pop("pairwise") else "public",
    }
    return {name: value for name, value in (options | renamed).items() if value}
