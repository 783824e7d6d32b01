"""Pages of one's own sessions, recognised browsers and history."""

from typing import cast

from flask import Blueprint, Response, request

from idp.flows.sessions import service
from idp.flows.sessions.forms import DONE
from idp.people.sessions.service import CurrentSession
from idp.web import known_browser
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.pages import redirect_303, render
from idp.web.sessions import current_session

blueprint = Blueprint("sessions", __name__)
SESSIONS = "/account/sessions"
ACTIVITY = "/account/activity"


@blueprint.get(SESSIONS)
@page("signed_in")
def show_sessions() -> Response:
    """Show where the person is signed in, and which browsers are recognised."""
    ctx, session = current_context(), _session()
    this = known_browser.recognised(ctx, session.account_id)
    return render(
        "sessions/sessions.html",
        sessions=service.my_sessions(ctx, session),
        browsers=service.my_browsers(ctx, session, this),
        done=DONE.get(request.args.get("done", "")),
    )


@blueprint.post(f"{SESSIONS}/<session_id>/end")
@page("signed_in", step_up=SESSIONS)
def end_session(session_id: str) -> Response:
    """End one other session; its applications are told."""
    is_ended = service.end_session(current_context(), _session(), session_id)
    return _back("ended" if is_ended else "gone")


@blueprint.post(f"{SESSIONS}/end-others")
@page("signed_in", step_up=SESSIONS)
def end_others() -> Response:
    """End every session but this one."""
    service.end_others(current_context(), _session())
    return _back("others_ended")


@blueprint.post(f"{SESSIONS}/browsers/<browser_id>/forget")
@page("signed_in", step_up=SESSIONS)
def forget_browser(browser_id: str) -> Response:
    """Recognise a browser no longer."""
    is_forgotten = service.forget_browser(current_context(), _session(), browser_id)
    return _back("forgotten" if is_forgotten else "gone")


@blueprint.get(ACTIVITY)
@page("signed_in")
def show_activity() -> Response:
    """Show what happened to the account, a page at a time."""
    before = request.args.get("before") or None
    history = service.my_history(current_context(), _session().account_id, before)
    return render("sessions/activity.html", history=history, is_first=before is None)


def _back(done: str) -> Response:
    return redirect_303(SESSIONS, done=done)


def _session() -> CurrentSession:
    """Return the session that the guard of these pages found."""
    return cast("CurrentSession", current_session())
