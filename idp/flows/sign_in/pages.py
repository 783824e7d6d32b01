"""Pages of signing in and out."""

from flask import Blueprint, Response, request

from idp.flows.sign_in import service
from idp.flows.sign_in.forms import WORDS, SignInForm
from idp.foundation.rate_limits.service import LimitName
from idp.foundation.results import Refused
from idp.people.credentials import password_check
from idp.web import known_browser, leaving, resuming, stopped, tabs
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.pages import redirect_303, render
from idp.web.proven import ENROLL, SECOND_FACTOR
from idp.web.sessions import current_session
from idp.web.statuses import UNPROCESSABLE
from idp.web.too_many import too_many
from idp.web.transactions.service import Transaction

blueprint = Blueprint("sign_in", __name__)
tabs.register(blueprint)
_SIGNED_OUT = "/sign-out/done"


@blueprint.get("/sign-in")
@page("anyone")
def show_sign_in() -> Response:
    """Ask for username and password; who is signed in already goes on, unless asked anew.

    Who was sent here after a pause is asked for the password alone, and can choose this page
    (`whole`) instead.
    """
    transaction = tabs.present_tab()
    if current_session() and not _must_sign_in_anew(transaction):
        return tabs.leave(transaction) if transaction else redirect_303(tabs.HOME)
    if transaction and "whole" not in request.args and resuming.is_offered(transaction):
        return redirect_303(resuming.RESUME, tx=transaction.handle)
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
@page("anyone")
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
    if stop := stopped.answer(transaction, refused):
        return stop
    form.refuse(refused, WORDS)
    return _form(form, transaction, UNPROCESSABLE)


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
