"""The page that shows the terms of use before anything else."""

from typing import cast

from flask import Blueprint, Response, request

from idp.flows.terms import service
from idp.people.accounts import service as accounts
from idp.people.sessions.service import CurrentSession
from idp.web import notices, tabs, terms
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.pages import redirect_303, render
from idp.web.sessions import current_session
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

blueprint = Blueprint("terms", __name__)


@blueprint.get(terms.PATH)
@page("signed_in", before_terms=True)
def show() -> Response:
    """Show the terms in force; who has accepted them goes on."""
    ctx, session = current_context(), _session()
    if not terms.are_owed(ctx, session):
        return _go_on()
    way, notice = _way(), notices.read("terms_of_use")
    return render(
        "terms/accept.html",
        transaction=way,
        tx=way.handle if way else None,
        notice=notice,
        is_new_version=bool(accounts.accepted_terms(ctx, session.account_id)),
    )


@blueprint.post(terms.PATH)
@page("signed_in", before_terms=True)
def accept() -> Response:
    """Keep that they are accepted and go on; a version that is old by now is not."""
    version = request.form.get("version", "")
    if service.accept(current_context(), _session().account_id, version):
        return _go_on()
    way = _way()
    return redirect_303(terms.PATH, tx=way.handle) if way else redirect_303(terms.PATH)


def _session() -> CurrentSession:
    return cast("CurrentSession", current_session())


def _way() -> Transaction | None:
    """Return the way that the page stands on; a finished sign-in waits here for its last step."""
    ctx, browser, handle = current_context(), current_browser().digest, request.values.get("tx", "")
    finished = transactions.load_completed(ctx, browser, handle)
    return finished or transactions.load(ctx, browser, handle)


def _go_on() -> Response:
    way = _way()
    return tabs.leave(way) if way else redirect_303(tabs.HOME)
