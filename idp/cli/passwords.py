"""`idp passwords`: what new passwords are compared with."""

from pathlib import Path

import click

from idp.cli.running import fail
from idp.people.credentials import breached_passwords
from idp.people.credentials.breached_passwords import ListEmpty


@click.group()
def passwords() -> None:
    """Passwords."""


@passwords.command("build-filter")
@click.argument("source", metavar="LIST", type=click.Path(path_type=Path))
@click.argument("target", metavar="FILTER", type=click.Path(path_type=Path))
@click.option(
    "--at-least",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Leave out what was found less often, where the list says how often.",
)
def build_filter(source: Path, target: Path, at_least: int) -> None:
    """Build FILTER from a LIST of breached passwords, for IDP_BREACHED_PASSWORDS_FILTER.

    A line of LIST is a password, or its SHA-1 in hexadecimal as Have I Been Pwned offers it
    (HASH:count). Every million passwords take about 2.4 MB, in the file and in each process.
    """
    try:
        count = breached_passwords.build(source, target, at_least=at_least)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    except ListEmpty:
        fail(f"{source} has no password that counts.")
    click.echo(f"Passwords in {target}: {count}")
