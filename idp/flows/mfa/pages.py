"""Pages of the second factor: asking for it, and enrolling the first one."""

from flask import Blueprint, Response, make_response
from markupsafe import Markup

from idp.flows.mfa import enrolment, qr, rules, service
from idp.flows.mfa.forms import WORDS, CodeForm, EnrollForm, RecoveryCodeForm, TypedBackForm
from idp.flows.mfa.rules import Kind
from idp.foundation.language import N_
from idp.foundation.results import Refused
from idp.web import tabs
from idp.web.context import current_context, parts
from idp.web.guards import page
from idp.web.language import say
from idp.web.pages import redirect_303, render
from idp.web.proven import ENROLL, SECOND_FACTOR, Proven, proven
from idp.web.statuses import UNPROCESSABLE
from idp.web.transactions.service import Transaction

blueprint = Blueprint("mfa", __name__)
RECOVERY_CODE = "/sign-in/mfa/recovery-code"
CODES = "/mfa/recovery-codes"
_FORMS = {"totp": CodeForm, "recovery_code": RecoveryCodeForm}
_PATHS: dict[Kind, str] = {"totp": SECOND_FACTOR, "recovery_code": RECOVERY_CODE}


@blueprint.get(SECOND_FACTOR)
@page("anyone")
def show_code() -> Response:
    """Ask for the authenticator app's code."""
    return _show("totp")


@blueprint.post(SECOND_FACTOR)
@page("anyone")
def check_code() -> Response:
    """Check the authenticator app's code."""
    return _check("totp")


@blueprint.get(RECOVERY_CODE)
@page("anyone")
def show_recovery_code() -> Response:
    """Ask for a recovery code instead."""
    return _show("recovery_code")


@blueprint.post(RECOVERY_CODE)
@page("anyone")
def check_recovery_code() -> Response:
    """Check a recovery code."""
    return _check("recovery_code")


@blueprint.get(ENROLL)
@page("anyone")
def show_enrolment() -> Response:
    """Show the secret of a new app, as a picture and as text."""
    transaction = tabs.required_tab()
    half = _enrolling(transaction)
    if isinstance(half, Response):
        return half
    form = EnrollForm(data={"name": say(N_("My phone"))})
    return _enrolment_page(transaction, half, form)


@blueprint.post(ENROLL)
@page("anyone")
def confirm_enrolment() -> Response:
    """Check the new app's first code."""
    transaction, form, ctx = tabs.required_tab(), EnrollForm(), current_context()
    half = _enrolling(transaction)
    if isinstance(half, Response):
        return half
    if form.validate_on_submit():
        confirmed = enrolment.confirm_app(
            ctx, transaction, half.account, name=form.name.data or "", code=form.code.data or ""
        )
        if not isinstance(confirmed, Refused):
            return redirect_303(CODES, tx=transaction.handle)
        _refuse_or_restart(form, transaction, confirmed)
    return _enrolment_page(transaction, half, form, UNPROCESSABLE)


@blueprint.get(CODES)
@page("anyone")
def show_codes() -> Response:
    """Show the recovery codes, this once."""
    transaction = tabs.required_tab()
    half = _enrolling(transaction)
    if isinstance(half, Response):
        return half
    return _codes_page(transaction, half, TypedBackForm())


@blueprint.post(CODES)
@page("anyone")
def confirm_codes() -> Response:
    """Take one code typed back; enrolment is then complete and the session opens."""
    transaction, form, ctx = tabs.required_tab(), TypedBackForm(), current_context()
    half = _enrolling(transaction)
    if isinstance(half, Response):
        return half
    if form.validate_on_submit():
        opened = enrolment.finish(ctx, transaction, half, form.code.data or "")
        if not isinstance(opened, Refused):
            return tabs.leave(transaction)
        _refuse_or_restart(form, transaction, opened)
    return _codes_page(transaction, half, form, UNPROCESSABLE)


@blueprint.post(f"{CODES}/download")
@page("anyone")
def download_codes() -> Response:
    """Hand the recovery codes over as a text file, from what the server keeps."""
    transaction = tabs.required_tab()
    half = _enrolling(transaction)
    if isinstance(half, Response):
        return half
    codes = enrolment.new_codes(current_context(), transaction, half.account)
    if not codes:
        return redirect_303(ENROLL, tx=transaction.handle)
    brand = parts().settings.brand
    title = say(N_("Recovery codes of %(username)s"), username=half.account.username)
    text = "\r\n".join([brand.name, title, say(N_("Each works once.")), "", *codes, ""])
    response = make_response(text)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return response


def _show(kind: Kind) -> Response:
    transaction = tabs.required_tab()
    half = proven(current_context(), transaction)
    if half is None:
        return redirect_303(tabs.SIGN_IN, tx=transaction.handle)
    return _code_page(transaction, half, kind, _FORMS[kind]())


def _check(kind: Kind) -> Response:
    transaction, ctx, form = tabs.required_tab(), current_context(), _FORMS[kind]()
    half = proven(ctx, transaction)
    if half is None:
        return redirect_303(tabs.SIGN_IN, tx=transaction.handle)
    if form.validate_on_submit():
        opened = service.check_code(ctx, transaction, half, kind, form.code.data or "")
        if isinstance(opened, str):
            leaves = not opened
            return (
                tabs.leave(transaction) if leaves else redirect_303(opened, tx=transaction.handle)
            )
        if opened.key == "mfa_locked":
            return _locked_page(transaction, opened.values["until"])
        _refuse_or_restart(form, transaction, opened)
        left = opened.values.get("left")
        return _code_page(transaction, half, kind, form, UNPROCESSABLE, left=left)
    return _code_page(transaction, half, kind, form, UNPROCESSABLE)


def _code_page(
    transaction: Transaction,
    half: Proven,
    kind: Kind,
    form: CodeForm | RecoveryCodeForm,
    status_code: int = 200,
    left: object = None,
) -> Response:
    """Return the page for a kind of code, or what a person reads who cannot use that kind."""
    standing = service.standing(current_context(), half.account)
    if standing.may_enroll and not half.goes_to:
        return redirect_303(ENROLL, tx=transaction.handle)
    if standing.locked_until:
        return _locked_page(transaction, standing.locked_until)
    if not standing.kinds:
        return render("mfa/no_factor.html", transaction=transaction)
    if kind not in standing.kinds:
        return redirect_303(_PATHS[standing.kinds[0]], tx=transaction.handle)
    return render(
        f"mfa/{kind}.html",
        status_code=status_code,
        transaction=transaction,
        tx=transaction.handle,
        form=form,
        kinds=standing.kinds,
        left=left,
    )


def _locked_page(transaction: Transaction, until: object) -> Response:
    return render(
        "mfa/locked.html",
        status_code=UNPROCESSABLE,
        transaction=transaction,
        tx=transaction.handle,
        until=until,
        tries=parts().policies.lockout.mfa_failures,
    )


def _enrolling(transaction: Transaction) -> Proven | Response:
    """Return who enrols, or where somebody goes who may not: to the factor they have."""
    ctx = current_context()
    half = proven(ctx, transaction)
    if half is None:
        return redirect_303(tabs.SIGN_IN, tx=transaction.handle)
    if half.goes_to or not service.standing(ctx, half.account).may_enroll:
        return redirect_303(SECOND_FACTOR, tx=transaction.handle)
    return half


def _refuse_or_restart(
    form: CodeForm | RecoveryCodeForm | EnrollForm | TypedBackForm,
    transaction: Transaction,
    refused: Refused,
) -> None:
    """Show a refusal at its field; a way that ended in another tab is stale here."""
    if refused.key == "finished_elsewhere":
        raise tabs.StaleTab(transaction.client)
    form.refuse(Refused(refused.key, refused.field), WORDS)


def _enrolment_page(
    transaction: Transaction, half: Proven, form: EnrollForm, status_code: int = 200
) -> Response:
    draft = enrolment.draft(current_context(), transaction, half.account)
    label = say(N_("QR code for your authenticator app"))
    picture: Markup = qr.svg(draft.uri, label)
    return render(
        "mfa/enroll.html",
        status_code=status_code,
        transaction=transaction,
        tx=transaction.handle,
        form=form,
        picture=picture,
        secret=rules.grouped(draft.secret),
        uri=draft.uri,
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
