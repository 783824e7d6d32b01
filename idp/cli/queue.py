"""`idp queue`: does a worker live, what waits for it, and what it gave up."""

from dataclasses import asdict

import click

from idp.cli.running import fail, open_context, show
from idp.foundation.database import writing
from idp.foundation.outbox import service as outbox


@click.group()
def queue() -> None:
    """Mail and logout notices that wait."""


@queue.command()
@click.option("--json", "as_json", is_flag=True)
def status(as_json: bool) -> None:
    """Tell when a worker was last seen, how much waits, and since when."""
    with open_context("operator") as ctx:
        show(asdict(outbox.standing(ctx)), as_json=as_json)


@queue.command()
@click.option("--json", "as_json", is_flag=True)
def parked(as_json: bool) -> None:
    """List what was given up, the newest first; never what is in it."""
    with open_context("operator") as ctx:
        show([asdict(row) for row in outbox.parked(ctx)], as_json=as_json)


@queue.command()
@click.argument("row_id")
def retry(row_id: str) -> None:
    """Queue something anew that was given up."""
    with open_context("operator") as ctx, writing(ctx.db):
        is_queued = outbox.retry_parked(ctx, row_id)
    if not is_queued:
        fail("nothing of that id was given up")
    click.echo("Queued.")
