"""Pages of the end of a session: how long it lives, that it is over, and going on."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request
from flask_wtf.csrf import generate_csrf

from idp.flows.resume import rules, service
from idp.flows.resume.forms import WORDS, ResumeForm
from idp.foundation.database import writing
from idp.foundation.rate_limits.service import LimitName
from idp.foundation.results import Refused
from idp.people.credentials import password_check
from idp.people.sessions.resuming import Paused
from idp.web import kept_forms, known_browser, stopped, tabs
from idp.web.context import can_be_read, current_context, parts
from idp.web.guards import page
from idp.web.pages import is_own_path, redirect_303, render
from idp.web.resuming import RESUME, is_enough_for, paused_here
from idp.web.sessions import count_activity, current_session
from idp.web.statuses import UNPROCESSABLE
from idp.web.too_many import too_many
from idp.web.transactions.service import Transaction

blueprint = Blueprint("resume", __name__)


@blueprint.get("/session/status")
@page("anyone")
def status() -> Response:
    """Tell how long the session lives; being asked is no action of the person."""
    return jsonify(_time_left())


@blueprint.post("/session/stay")
@page("anyone")
def stay() -> Response:
    """Count as an action: the person said that they are still there."""
    count_activity()
    return jsonify(_time_left())


@blueprint.post("/session/keep")
@page("anyone")
def keep() -> Response:
    """Keep what stands in an open page whose session is over; it is not acted upon."""
    paused, ctx, action = paused_here(), current_context(), _own(request.form.get("kept_for", ""))
    if paused is None or action is None:
        return jsonify(kept=False)
    with writing(ctx.db):
        kept = kept_forms.keep(ctx, paused.account_id, action, request.form.to_dict())
    return jsonify(kept=kept is not None)


@blueprint.post("/session/kept/discard")
@page("signed_in")
def discard() -> Response:
    """Forget what was kept for a page."""
    session, path = current_session(), _back()
    if session is not None:
        kept_forms.discard(current_context(), session.account_id, urlsplit(path).path)
    return redirect_303(path)


@blueprint.get("/session/ended")
@page("anyone")
def ended() -> Response:
    """Say why somebody was signed out; a session that another tab kept alive is not touched."""
    if current_session():
        return render("sign_in/still_signed_in.html")
    paused = paused_here()
    if paused and paused.can_go_on:
        return redirect_303(RESUME, back=_back())
    return render("sign_in/session_ended.html", minutes=_minutes(), back=_back())


@blueprint.get(RESUME)
@page("anyone")
def show() -> Response:
    """Ask whoever paused for the password alone; who may not go on so signs in."""
    transaction, paused = tabs.present_tab(), paused_here()
    if current_session():
        return tabs.leave(transaction) if transaction else redirect_303(_back())
    if paused is None or not paused.can_go_on or not is_enough_for(transaction):
        return _sign_in(transaction)
    return _form(ResumeForm(), transaction, paused)


@blueprint.post(RESUME)
@page("anyone")
def go_on() -> Response:
    """Check the password and lead back to the page that was open."""
    transaction, paused = tabs.opened_tab(return_to=_back()), paused_here()
    ctx, form, browser = current_context(), ResumeForm(), known_browser.presented()
    if paused is None or not paused.can_go_on or not is_enough_for(transaction):
        return _sign_in(transaction)
    if not form.validate_on_submit():
        return _form(form, transaction, paused, UNPROCESSABLE)
    if not password_check.is_allowed(ctx, paused.username, browser):
        return too_many(ctx, LimitName.SIGN_IN_IP)
    opened = service.go_on(ctx, transaction, paused, form.password.data or "", browser)
    if isinstance(opened, Refused):
        return _refused(form, transaction, paused, opened)
    return tabs.leave(transaction)


def _refused(
    form: ResumeForm, transaction: Transaction, paused: Paused, refused: Refused
) -> Response:
    if refused == service.OVER:
        return _sign_in(transaction)
    if stop := stopped.answer(transaction, refused):
        return stop
    form.refuse(refused, WORDS)
    return _form(form, transaction, paused, UNPROCESSABLE)


def _form(
    form: ResumeForm, transaction: Transaction | None, paused: Paused, status_code: int = 200
) -> Response:
    return render(
        "resume/resume.html",
        status_code=status_code,
        transaction=transaction,
        form=form,
        tx=transaction.handle if transaction else None,
        back=_back(),
        minutes=_minutes(),
        name=rules.masked_name(paused.username),
    )


def _sign_in(transaction: Transaction | None) -> Response:
    """Lead to the ordinary sign-in; whoever is signed in by now goes on from there."""
    if transaction is None:
        return redirect_303(tabs.SIGN_IN)
    return redirect_303(tabs.SIGN_IN, tx=transaction.handle, whole="1")


def _back() -> str:
    """Return the page that was open, as the request names it; the account when it names none."""
    return _own(request.values.get("back", "")) or tabs.HOME


def _own(path: str) -> str | None:
    """Return a path of ours with a query, if it is one; the view behind it guards itself."""
    return path if is_own_path(path) and can_be_read(urlsplit(path).path) else None


def _minutes() -> int:
    return parts().policies.session.idle_seconds // 60


def _time_left() -> dict[str, object]:
    """Return whether a session lives and how many whole seconds it has left, rounded down.

    owner and csrf_token: for pages that were open while another tab renewed the cookie, so that
    their forms still arrive; owner tells them whether the session is still of the same person.
    """
    session, now = current_session(), current_context().now()
    if session is None:
        return {"active": False, "seconds_left": 0, "idle_seconds": 0, "overall_seconds": 0}
    idle = int((session.idle_ends_at - now).total_seconds())
    overall = int((session.overall_ends_at - now).total_seconds())
    return {
        "active": True,
        "seconds_left": min(idle, overall),
        "idle_seconds": idle,
        "overall_seconds": overall,
        "owner": session.sub,
        "csrf_token": generate_csrf(),
    }
