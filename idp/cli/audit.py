"""`idp audit`: is the trail whole, and a copy of it."""

import click

from idp.cli.running import fail, open_context
from idp.foundation.audit.export import export as export_lines
from idp.foundation.audit.verification import verify as find_breaks


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
def verify() -> None:
    """Check the whole chain; status 1 and a line for each place where it is broken."""
    with open_context("auditor") as ctx:
        findings = find_breaks(ctx)
    if findings:
        fail("\n".join(str(finding) for finding in findings))
    click.echo("The audit trail is whole.")


@audit.command()
@click.option("--after", default=0, help="Position after which to begin.")
def export(after: int) -> None:
    """Print the trail, one JSON object a line."""
    with open_context("auditor") as ctx:
        for line in export_lines(ctx, after):
            click.echo(line)
