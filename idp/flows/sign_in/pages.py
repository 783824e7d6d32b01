"""Pages of signing in and out, and what a session says about its time."""

from flask import Blueprint, Response, jsonify

from idp.flows.sign_in import service
from idp.flows.sign_in.forms import WORDS, SignInForm
from idp.foundation.rate_limits.service import LimitName
from idp.foundation.results import Refused
from idp.people.credentials import password_check
from idp.web import known_browser, leaving, tabs
from idp.web.context import current_context, parts
from idp.web.guards import page
from idp.web.pages import redirect_303, render
from idp.web.proven import ENROLL, SECOND_FACTOR
from idp.web.sessions import count_activity, current_session
from idp.web.statuses import UNPROCESSABLE
from idp.web.too_many import too_many
from idp.web.transactions.service import Transaction

blueprint = Blueprint("sign_in", __name__)
tabs.register(blueprint)
_SIGNED_OUT = "/sign-out/done"


@blueprint.get("/sign-in")
@page("anyone")
def show_sign_in() -> Response:
    """Ask for username and password; who is signed in already goes on, unless asked anew."""
    transaction = tabs.present_tab()
    if current_session() and not _must_sign_in_anew(transaction):
        return tabs.leave(transaction) if transaction else redirect_303(tabs.HOME)
    return _form(SignInForm(data={"username": _expected_name(transaction)}), transaction)


@blueprint.post("/sign-in")
@page("anyone")
def check_sign_in() -> Response:
    """Check username and password, and lead on to the second factor."""
    transaction, form, ctx = tabs.opened_tab(), SignInForm(), current_context()
    if not form.validate_on_submit():
        return _form(form, transaction, UNPROCESSABLE)
    typed, browser = form.username.data or "", known_browser.presented()
    if not password_check.is_allowed(ctx, typed, browser):
        return too_many(ctx, LimitName.SIGN_IN_IP)
    entered = service.check_password(ctx, transaction, typed, form.password.data or "", browser)
    if isinstance(entered, Refused):
        return _refused(form, transaction, entered)
    if entered.is_complete:
        return tabs.leave(entered.transaction)
    onward = ENROLL if entered.owes_enrolment else SECOND_FACTOR
    return redirect_303(onward, tx=entered.transaction.handle)


@blueprint.get("/sign-out")
@page("anyone", counts_as_activity=False)
def show_sign_out() -> Response:
    """Ask whether to sign out: looking at an address ends nothing (case SE-09)."""
    return render("sign_in/sign_out.html") if current_session() else redirect_303(_SIGNED_OUT)


@blueprint.post("/sign-out")
@page("anyone")
def end() -> Response:
    """End the session here and in every application that takes part in it."""
    frames = leaving.sign_out_and_tell()
    return leaving.tell(frames, _SIGNED_OUT) if frames else redirect_303(_SIGNED_OUT)


@blueprint.get("/sign-out/done")
@page("anyone")
def signed_out() -> Response:
    """Say that nobody is signed in any more."""
    return render("sign_in/signed_out.html")


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


@blueprint.get("/session/ended")
@page("anyone")
def ended() -> Response:
    """Say why somebody was signed out; a session that another tab kept alive is not touched."""
    if current_session():
        return render("sign_in/still_signed_in.html")
    return render("sign_in/session_ended.html", minutes=parts().policies.session.idle_seconds // 60)


def _form(form: SignInForm, transaction: Transaction | None, status_code: int = 200) -> Response:
    handle = transaction.handle if transaction else None
    return render(
        "sign_in/sign_in.html",
        status_code=status_code,
        transaction=transaction,
        form=form,
        tx=handle,
    )


def _refused(form: SignInForm, transaction: Transaction, refused: Refused) -> Response:
    if refused.key == "locked":
        return _locked(transaction, refused)
    if refused.key == "must_reset":
        return _must_reset(transaction)
    form.refuse(refused, WORDS)
    return _form(form, transaction, UNPROCESSABLE)


def _locked(transaction: Transaction, refused: Refused) -> Response:
    """The same page for names that exist and names that do not."""
    until = refused.values["until"]
    return render(
        "sign_in/locked.html",
        status_code=UNPROCESSABLE,
        transaction=transaction,
        tx=transaction.handle,
        until=until,
        now=current_context().now(),
    )


def _must_reset(transaction: Transaction) -> Response:
    """Say that the password, right as it is, must be reset by mail first."""
    return render(
        "forgotten/must_reset.html",
        status_code=UNPROCESSABLE,
        transaction=transaction,
        tx=transaction.handle,
    )


def _must_sign_in_anew(transaction: Transaction | None) -> bool:
    if transaction is None:
        return False
    asked = transaction.authorization or {}
    return bool(asked.get("reauthenticate") or transaction.progress.get("step_up"))


def _expected_name(transaction: Transaction | None) -> str:
    """Return whom the page expects: what was typed before, or the application's login_hint."""
    if transaction is None:
        return ""
    hint = (transaction.authorization or {}).get("login_hint")
    return str(transaction.progress.get("sign_in_name") or hint or "")


def _time_left() -> dict[str, object]:
    """Return whether a session lives and how many whole seconds it has left, rounded down."""
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
    }
