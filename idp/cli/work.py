"""`idp worker` and `idp purge`: what is done beside the pages."""

from contextlib import AbstractContextManager

import click
from flask import Flask

from idp.cli.running import application, open_context
from idp.foundation.context import Context
from idp.foundation.outbox.worker import Worker
from idp.work import deliverers, forget_old, periodic_jobs


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now and end.")
@click.option("--threads", default=2, show_default=True)
def worker(once: bool, threads: int) -> None:
    """Send mail, tell applications of sign-outs, end idle sessions, link the audit trail."""
    app = application()
    made = make_worker(app, threads)
    if once:
        click.echo(f"{made.run_once()} delivered")
        return
    made.stop_on_signals()
    made.run()


@click.command()
def purge() -> None:
    """Delete what has expired."""
    with open_context("operator") as ctx:
        forget_old(ctx)
    click.echo("Deleted what had expired.")


def make_worker(app: Flask, threads: int = 2) -> Worker:
    """Return a worker over the application; one thread on SQLite, which has one writer."""

    def opened() -> AbstractContextManager[Context]:
        return open_context("worker", app)

    settings = app.extensions["idp"].settings
    is_sqlite = settings.database.startswith("sqlite")
    return Worker(opened, deliverers(settings), periodic_jobs(), 1 if is_sqlite else threads)
