"""Pages of signing in with a passkey alone."""

from flask import Blueprint, Response, jsonify

from idp.flows.mfa import passkey_sign_in
from idp.flows.mfa.forms import PasskeyForm
from idp.flows.mfa.showing import refuse_or_restart
from idp.foundation.rate_limits.service import LimitName
from idp.web import tabs
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.pages import render
from idp.web.statuses import UNPROCESSABLE
from idp.web.too_many import too_many
from idp.web.transactions.service import Transaction

blueprint = Blueprint("passkey_sign_in", __name__)
SIGN_IN = f"{tabs.SIGN_IN}/passkey"


@blueprint.get(SIGN_IN)
@page("anyone")
def show() -> Response:
    """Ask for a passkey instead of username and password."""
    return _page(PasskeyForm(), tabs.present_tab())


@blueprint.post(SIGN_IN)
@page("anyone")
def check() -> Response:
    """Check a passkey; its owner is then signed in."""
    transaction, form, ctx = tabs.opened_tab(), PasskeyForm(), current_context()
    if not form.validate_on_submit():
        return _page(form, transaction, UNPROCESSABLE)
    if not passkey_sign_in.is_allowed(ctx):
        return too_many(ctx, LimitName.SIGN_IN_IP)
    refused = passkey_sign_in.check(ctx, transaction, form.credential.data or "")
    if refused is None:
        return tabs.leave(transaction)
    refuse_or_restart(form, transaction, refused)
    return _page(form, transaction, UNPROCESSABLE)


@blueprint.post(f"{SIGN_IN}/options")
@page("anyone")
def options() -> Response:
    """Tell the page's script what to ask the browser for."""
    transaction = tabs.opened_tab()
    asked = passkey_sign_in.options(current_context(), transaction)
    return jsonify(options=asked, tx=transaction.handle)


def _page(form: PasskeyForm, transaction: Transaction | None, status_code: int = 200) -> Response:
    return render(
        "mfa/passkey_sign_in.html",
        status_code=status_code,
        transaction=transaction,
        form=form,
        tx=transaction.handle if transaction else None,
    )
