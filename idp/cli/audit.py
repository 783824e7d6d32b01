"""`idp audit`: is the trail whole, and a copy of it."""

from datetime import timedelta

import click

from idp.cli.running import fail, open_context
from idp.foundation.audit.chain import Head, unlinked_since
from idp.foundation.audit.export import export as export_lines
from idp.foundation.audit.verification import verify as find_breaks

# The worker links each second.
_LINKED_WITHIN = timedelta(minutes=1)


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@click.option("--noted", help="POSITION:HASH as the log noted it: the trail must still hold it.")
def verify(noted: str | None) -> None:
    """Check the whole chain; status 1 and a line for each place where it is broken."""
    head = _head(noted) if noted else None
    with open_context("auditor") as ctx:
        since = unlinked_since(ctx)
        if since and ctx.now() - since > _LINKED_WITHIN:
            click.echo(f"Warning: unlinked since {since:%Y-%m-%d %H:%M:%S}Z: no worker?", err=True)
        findings = find_breaks(ctx, head)
    if findings:
        fail("\n".join(str(finding) for finding in findings))
    click.echo("The audit trail is whole.")


def _head(noted: str) -> Head:
    position, colon, digest = noted.partition(":")
    if not (colon and position.isascii() and position.isdecimal() and digest):
        raise click.BadParameter("it is POSITION:HASH", param_hint="--noted")
    return Head(int(position), digest.strip().lower())


@audit.command()
@click.option("--after", default=0, help="Position after which to begin.")
def export(after: int) -> None:
    """Print the trail, one JSON object a line."""
    with open_context("auditor") as ctx:
        for line in export_lines(ctx, after):
            click.echo(line)
