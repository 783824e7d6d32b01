"""`idp worker` and `idp purge`: what is done beside the pages."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

import click
from flask import Flask

from idp.cli.running import application, fail, open_context
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.housekeeping import foundation_jobs
from idp.foundation.mail.delivery import NoMailServer, mail_deliverer
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.outbox import service as outbox
from idp.foundation.outbox.deliverer import Deliverer
from idp.foundation.outbox.worker import PeriodicJob, Worker
from idp.foundation.rate_limits import service as rate_limits
from idp.oidc.device import deciding as devices
from idp.oidc.grants import purge as grants
from idp.oidc.logout import backchannel
from idp.oidc.pushed import service as pushed_requests
from idp.oidc.registration import service as registrations_of_clients
from idp.oidc.replays import service as replays
from idp.people.accounts import dormancy, lifecycle, registrations
from idp.people.browsers import service as browsers
from idp.people.credentials import attempts
from idp.people.email_changes import service as email_changes
from idp.people.lost_factors import service as lost_factors
from idp.people.sessions import service as sessions
from idp.settings import Settings
from idp.web.drafts import service as drafts
from idp.web.transactions import service as transactions

_FEW_SECONDS = 2
_MINUTE = 60
_TEN_MINUTES = 600


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now and end.")
@click.option("--threads", default=2, show_default=True, help="How many deliver each kind.")
def worker(once: bool, threads: int) -> None:
    """Send mail, tell applications of sign-outs, end idle sessions, link the audit trail."""
    app = application()
    try:
        made = make_worker(app, threads)
    except NoMailServer as error:
        fail(str(error))
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
    """Return a worker over the application; one thread a kind on SQLite, which has one writer."""

    def opened() -> AbstractContextManager[Context]:
        return open_context("worker", app)

    settings = app.extensions["idp"].settings
    is_sqlite = settings.database.startswith("sqlite")
    return Worker(opened, deliverers(settings), jobs(), 1 if is_sqlite else threads)


def deliverers(settings: Settings) -> Mapping[str, Deliverer]:
    """Return who delivers each kind of queued row."""
    return {
        "mail": mail_deliverer(settings),
        sessions.LOGOUT_NOTICE: backchannel.deliverer(),
    }


def end_overdue_sessions(ctx: Context) -> None:
    """End sessions whose time is over, so that their applications are told."""
    with writing(ctx.db):
        sessions.sweep_expired(ctx)


def end_waits(ctx: Context) -> None:
    """Go on where a wait is over: lost factors, accounts about to be closed."""
    for step in (lost_factors.send_links, lost_factors.expire, lifecycle.close_due):
        while _commits(ctx, step):
            pass


def offer_restoring(ctx: Context) -> None:
    """Mail the links to bring archived accounts back."""
    while _commits(ctx, dormancy.offer_restore):
        pass


def look_after_silent(ctx: Context) -> None:
    """Write to people who have not signed in for long; archive and close what they leave."""
    for step in (dormancy.write_to_silent, dormancy.archive_silent, dormancy.close_archived):
        while _commits(ctx, step):
            pass


def forget_old(ctx: Context) -> None:
    """Delete everything that has expired, in short transactions until nothing is left (F-25)."""
    for forget in (
        registrations.forget_expired,
        email_changes.forget_old,
        attempts.forget_old,
        transactions.forget_expired,
        sessions.forget_ended,
        browsers.forget_expired,
        drafts.forget_expired,
    ):
        while _commits(ctx, forget):
            pass
    for forget_by_itself in (
        one_time_codes.purge, outbox.purge, rate_limits.purge, grants.forget_ended,
        devices.forget_ended, registrations_of_clients.forget_ended, pushed_requests.forget_expired,
        replays.forget_expired,
    ):  # fmt: skip
        while forget_by_itself(ctx):
            pass


def _commits(ctx: Context, forget: Callable[[Context], int]) -> int:
    with writing(ctx.db):
        return forget(ctx)


def jobs() -> Sequence[PeriodicJob]:
    """Return the periodic work of every worker; each job is harmless when done twice."""
    return (
        *foundation_jobs(),
        PeriodicJob("sessions.end_overdue", _FEW_SECONDS, end_overdue_sessions),
        PeriodicJob("accounts.offer_restoring", _FEW_SECONDS, offer_restoring),
        PeriodicJob("accounts.end_waits", _MINUTE, end_waits),
        PeriodicJob("accounts.look_after_silent", _TEN_MINUTES, look_after_silent),
        PeriodicJob("forget_old", _TEN_MINUTES, forget_old),
    )
