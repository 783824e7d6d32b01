"""Pages that ask for the second factor."""

from flask import Blueprint, Response, jsonify

from idp.flows.mfa import adding_pages, enrolment_pages, passkey_sign_in_pages, service
from idp.flows.mfa.forms import CodeForm, PasskeyForm, RecoveryCodeForm
from idp.flows.mfa.rules import Kind
from idp.flows.mfa.service import Standing
from idp.flows.mfa.showing import refuse_or_restart
from idp.foundation.results import Refused
from idp.web import tabs
from idp.web.context import current_context, parts
from idp.web.guards import page
from idp.web.pages import redirect_303, render
from idp.web.proven import ENROLL, SECOND_FACTOR, Proven, proven
from idp.web.statuses import UNPROCESSABLE
from idp.web.transactions.service import Transaction

blueprint = Blueprint("mfa", __name__)
for _part in (adding_pages, enrolment_pages, passkey_sign_in_pages):
    blueprint.register_blueprint(_part.blueprint)

AskForm = CodeForm | PasskeyForm | RecoveryCodeForm
PASSKEY = f"{SECOND_FACTOR}/passkey"
RECOVERY_CODE = f"{SECOND_FACTOR}/recovery-code"
_FORMS: dict[Kind, type[AskForm]] = {
    "totp": CodeForm,
    "passkey": PasskeyForm,
    "recovery_code": RecoveryCodeForm,
}
_PATHS: dict[Kind, str] = {
    "totp": SECOND_FACTOR,
    "passkey": PASSKEY,
    "recovery_code": RECOVERY_CODE,
}


@blueprint.get(SECOND_FACTOR)
@page("anyone")
def show_code() -> Response:
    """Ask for the authenticator app's code, or for a passkey where one is at hand."""
    return _show("totp")


@blueprint.post(SECOND_FACTOR)
@page("anyone")
def check_code() -> Response:
    """Check the authenticator app's code."""
    return _check("totp")


@blueprint.get(PASSKEY)
@page("anyone")
def show_passkey() -> Response:
    """Ask for a passkey."""
    return _show("passkey")


@blueprint.post(PASSKEY)
@page("anyone")
def check_passkey() -> Response:
    """Check a passkey."""
    return _check("passkey")


@blueprint.post(f"{PASSKEY}/options")
@page("anyone")
def passkey_options() -> Response:
    """Tell the page's script what to ask the browser for."""
    transaction, ctx = tabs.required_tab(), current_context()
    half = proven(ctx, transaction)
    if half is None:
        return redirect_303(tabs.SIGN_IN, tx=transaction.handle)
    options = service.passkey_options(ctx, transaction, half)
    return jsonify(options=options, tx=transaction.handle)


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


def _show(kind: Kind) -> Response:
    transaction = tabs.required_tab()
    half = proven(current_context(), transaction)
    if half is None:
        return redirect_303(tabs.SIGN_IN, tx=transaction.handle)
    return _asking_page(transaction, half, kind, _FORMS[kind]())


def _check(kind: Kind) -> Response:
    transaction, ctx, form = tabs.required_tab(), current_context(), _FORMS[kind]()
    half = proven(ctx, transaction)
    if half is None:
        return redirect_303(tabs.SIGN_IN, tx=transaction.handle)
    if not form.validate_on_submit():
        return _asking_page(transaction, half, kind, form, UNPROCESSABLE)
    led = service.check(ctx, transaction, half, kind, _typed(form))
    if isinstance(led, str):
        return redirect_303(led, tx=transaction.handle) if led else tabs.leave(transaction)
    return _refused_page(transaction, half, kind, form, led)


def _typed(form: AskForm) -> str:
    field = form.credential if isinstance(form, PasskeyForm) else form.code
    return field.data or ""


def _refused_page(
    transaction: Transaction, half: Proven, kind: Kind, form: AskForm, refused: Refused
) -> Response:
    if refused.key == "mfa_locked":
        return _locked_page(transaction, refused.values["until"])
    refuse_or_restart(form, transaction, refused)
    left = refused.values.get("left")
    return _asking_page(transaction, half, kind, form, UNPROCESSABLE, left=left)


def _asking_page(
    transaction: Transaction,
    half: Proven,
    kind: Kind,
    form: AskForm,
    status_code: int = 200,
    left: object = None,
) -> Response:
    """Return the page for a kind of factor, or what a person reads who cannot use that kind."""
    standing = _standing(transaction, half)
    if standing.may_enroll and not half.goes_to:
        return redirect_303(ENROLL, tx=transaction.handle)
    if standing.locked_until:
        return _locked_page(transaction, standing.locked_until)
    if not standing.kinds:
        return _no_factor_page(transaction, half)
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


def _no_factor_page(transaction: Transaction, half: Proven) -> Response:
    """Say what helps: in a password reset the mailbox is proven already, and only a person can."""
    if half.goes_to:
        return render("forgotten/one_more_proof.html", transaction=transaction)
    return render("mfa/no_factor.html", transaction=transaction)


def _standing(transaction: Transaction, half: Proven) -> Standing:
    asked = transaction.authorization or {}
    return service.standing(
        current_context(),
        half.account,
        takes_passkeys_alone=bool(asked.get("takes_passkeys_alone")),
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
