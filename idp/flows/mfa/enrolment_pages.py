"""Pages of enrolling the first factor: which one, setting it up, keeping the recovery codes."""

from collections.abc import Callable
from functools import wraps

from flask import Blueprint, Response, jsonify

from idp.flows.mfa import enrolment, new_factors, service
from idp.flows.mfa.forms import EnrollForm, NewPasskeyForm, TypedBackForm
from idp.flows.mfa.new_factors import Proven as ProvenFactor
from idp.flows.mfa.showing import app_values, codes_file, refuse_or_restart
from idp.foundation.language import N_
from idp.foundation.results import Refused
from idp.web import tabs
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.language import say
from idp.web.pages import redirect_303, render
from idp.web.proven import ENROLL, SECOND_FACTOR, Proven, proven
from idp.web.statuses import UNPROCESSABLE
from idp.web.transactions.service import Transaction

blueprint = Blueprint("enrolment", __name__)
APP, PASSKEY = f"{ENROLL}/app", f"{ENROLL}/passkey"
CODES = "/mfa/recovery-codes"
View = Callable[[Transaction, Proven], Response]


def _enrolling(view: View) -> Callable[[], Response]:
    """Give a view the tab and who enrols there; lead everybody else to where they belong."""

    @wraps(view)
    def guarded() -> Response:
        transaction, ctx = tabs.required_tab(), current_context()
        half = proven(ctx, transaction)
        if half is None:
            return redirect_303(tabs.SIGN_IN, tx=transaction.handle)
        if half.goes_to or not service.standing(ctx, half.account).may_enroll:
            return redirect_303(SECOND_FACTOR, tx=transaction.handle)
        return view(transaction, half)

    return guarded


@blueprint.get(ENROLL)
@page("anyone")
@_enrolling
def show_choice(transaction: Transaction, _half: Proven) -> Response:
    """Let the person choose between a passkey and an authenticator app."""
    return render("mfa/enroll.html", transaction=transaction, tx=transaction.handle)


@blueprint.get(APP)
@page("anyone")
@_enrolling
def show_app(transaction: Transaction, half: Proven) -> Response:
    """Show the secret of a new app, as a picture and as text."""
    return _app_page(transaction, half, EnrollForm(data={"name": say(N_("My phone"))}))


@blueprint.post(APP)
@page("anyone")
@_enrolling
def confirm_app(transaction: Transaction, half: Proven) -> Response:
    """Check the new app's first code."""
    form, ctx = EnrollForm(), current_context()
    if not form.validate_on_submit():
        return _app_page(transaction, half, form, UNPROCESSABLE)
    name, code = form.name.data or "", form.code.data or ""
    proved = new_factors.prove_app(ctx, transaction, half.account, name=name, code=code)
    if not isinstance(proved, Refused):
        return _to_codes(transaction, half, proved)
    refuse_or_restart(form, transaction, proved)
    return _app_page(transaction, half, form, UNPROCESSABLE)


@blueprint.get(PASSKEY)
@page("anyone")
@_enrolling
def show_passkey(transaction: Transaction, _half: Proven) -> Response:
    """Ask the person to make a passkey."""
    return _passkey_page(transaction, NewPasskeyForm(data={"name": say(N_("My passkey"))}))


@blueprint.post(PASSKEY)
@page("anyone")
@_enrolling
def confirm_passkey(transaction: Transaction, half: Proven) -> Response:
    """Check the new passkey."""
    form, ctx = NewPasskeyForm(), current_context()
    if not form.validate_on_submit():
        return _passkey_page(transaction, form, UNPROCESSABLE)
    name, answer = form.name.data or "", form.credential.data or ""
    proved = new_factors.prove_passkey(ctx, transaction, half.account, name=name, answer=answer)
    if not isinstance(proved, Refused):
        return _to_codes(transaction, half, proved)
    refuse_or_restart(form, transaction, proved)
    return _passkey_page(transaction, form, UNPROCESSABLE)


@blueprint.post(f"{PASSKEY}/options")
@page("anyone")
@_enrolling
def passkey_options(transaction: Transaction, half: Proven) -> Response:
    """Tell the page's script what to ask the browser for."""
    options = new_factors.passkey_options(current_context(), transaction, half.account)
    return jsonify(options=options, tx=transaction.handle)


@blueprint.get(CODES)
@page("anyone")
@_enrolling
def show_codes(transaction: Transaction, half: Proven) -> Response:
    """Show the recovery codes, this once."""
    return _codes_page(transaction, half, TypedBackForm())


@blueprint.post(CODES)
@page("anyone")
@_enrolling
def confirm_codes(transaction: Transaction, half: Proven) -> Response:
    """Take one code typed back; enrolment is then complete and the session opens."""
    form, ctx = TypedBackForm(), current_context()
    if form.validate_on_submit():
        opened = enrolment.finish(ctx, transaction, half, form.code.data or "")
        if not isinstance(opened, Refused):
            return tabs.leave(transaction)
        refuse_or_restart(form, transaction, opened)
    return _codes_page(transaction, half, form, UNPROCESSABLE)


@blueprint.post(f"{CODES}/download")
@page("anyone")
@_enrolling
def download_codes(transaction: Transaction, half: Proven) -> Response:
    """Hand the recovery codes over as a text file."""
    codes = enrolment.new_codes(current_context(), transaction, half.account)
    if not codes:
        return redirect_303(ENROLL, tx=transaction.handle)
    return codes_file(codes, half.account.username)


def _to_codes(transaction: Transaction, half: Proven, proved: ProvenFactor) -> Response:
    enrolment.confirm(current_context(), transaction, half.account, proved)
    return redirect_303(CODES, tx=transaction.handle)


def _app_page(
    transaction: Transaction, half: Proven, form: EnrollForm, status_code: int = 200
) -> Response:
    draft = new_factors.app_draft(current_context(), transaction, half.account)
    return render(
        "mfa/enroll_app.html",
        status_code=status_code,
        transaction=transaction,
        tx=transaction.handle,
        form=form,
        **app_values(draft),
    )


def _passkey_page(
    transaction: Transaction, form: NewPasskeyForm, status_code: int = 200
) -> Response:
    return render(
        "mfa/enroll_passkey.html",
        status_code=status_code,
        transaction=transaction,
        tx=transaction.handle,
        form=form,
    )


def _codes_page(
    transaction: Transaction, half: Proven, form: TypedBackForm, status_code: int = 200
) -> Response:
    codes = enrolment.new_codes(current_context(), transaction, half.account)
    if not codes:
        return redirect_303(ENROLL, tx=transaction.handle)
    return render(
        "mfa/recovery_codes.html",
        status_code=status_code,
        transaction=transaction,
        tx=transaction.handle,
        form=form,
        codes=codes,
    )
