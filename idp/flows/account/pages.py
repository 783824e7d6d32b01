"""The start page, and what a signed-in person sees of their own account."""

from typing import cast

from flask import Blueprint, Response, request

from idp.flows.account import rules, service
from idp.people.accounts.words import TYPES
from idp.people.sessions.service import CurrentSession
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.pages import redirect_303, render
from idp.web.sessions import current_session
from idp.web.tabs import HOME

blueprint = Blueprint("account", __name__)
APPLICATIONS = f"{HOME}/applications"


@blueprint.get("/")
@page("anyone")
def start() -> Response:
    """Say what this is and where to begin; who is signed in goes to the account."""
    return redirect_303(HOME) if current_session() else render("account/start.html")


@blueprint.get(HOME)
@page("signed_in")
def show_account() -> Response:
    """Show who is signed in, how surely, and until when."""
    session = _session()
    return render(
        "account/account.html",
        account=service.overview(current_context(), session.account_id),
        assurance=rules.assurance(session.acr),
        account_type=TYPES,
    )


@blueprint.get(APPLICATIONS)
@page("signed_in")
def show_applications() -> Response:
    """Show which applications the person allowed what."""
    return render(
        "account/applications.html",
        applications=service.applications(current_context(), _session().account_id),
        is_withdrawn=request.args.get("withdrawn") == "1",
    )


@blueprint.post(f"{APPLICATIONS}/<consent_id>/withdraw")
@page("signed_in")
def withdraw(consent_id: str) -> Response:
    """Take a permission back: what the application holds is over at once."""
    if not service.withdraw(current_context(), _session().account_id, consent_id):
        return redirect_303(APPLICATIONS)
    return redirect_303(APPLICATIONS, withdrawn="1")


def _session() -> CurrentSession:
    """Return the session that the guard of these pages found."""
    return cast("CurrentSession", current_session())
