"""Pages of unlocking an account by mail."""

from flask import Blueprint, Response, request

from idp.flows.unlock import service
from idp.foundation.rate_limits.service import LimitName
from idp.foundation.results import Refused
from idp.web import tabs
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.forms import WORDS, CodeForm, IdentifierForm
from idp.web.mailed_codes.service import Purpose
from idp.web.pages import redirect_303, render
from idp.web.statuses import UNPROCESSABLE
from idp.web.too_many import too_many
from idp.web.transactions.service import Transaction

blueprint = Blueprint("unlock", __name__)
UNLOCK = "/unlock"
CODE = "/unlock/code"
LINK = "/unlock/link"
CONFIRM = "/unlock/confirm"
DONE = "/unlock/done"
_GONE = 410


@blueprint.get(UNLOCK)
@page("anyone")
def show_unlock() -> Response:
    """Ask whose account is locked."""
    transaction = tabs.present_tab(UNLOCK)
    typed = transaction.progress.get("sign_in_name", "") if transaction else ""
    return _unlock_page(IdentifierForm(data={"username": typed}), transaction)


@blueprint.post(UNLOCK)
@page("anyone")
def request_code() -> Response:
    """Send a code if there is something to unlock; lead to the same page in any case."""
    transaction, form = tabs.opened_tab(UNLOCK), IdentifierForm()
    if not form.validate_on_submit():
        return _unlock_page(form, transaction, UNPROCESSABLE)
    return _request(transaction, form.username.data or "", form)


@blueprint.get(CODE)
@page("anyone")
def show_code() -> Response:
    """Say "check your email" and take the code."""
    return _code_page(tabs.required_tab(UNLOCK), CodeForm())


@blueprint.post(CODE)
@page("anyone")
def redeem_code() -> Response:
    """Unlock by the code."""
    transaction, form = tabs.required_tab(UNLOCK), CodeForm()
    if form.validate_on_submit():
        done = service.redeem_code(current_context(), transaction, form.code.data or "")
        if not isinstance(done, Refused):
            return redirect_303(DONE, tx=transaction.handle)
        form.refuse(done, WORDS)
    return _code_page(transaction, form, UNPROCESSABLE)


@blueprint.post("/unlock/resend")
@page("anyone")
def send_again() -> Response:
    """Send a new code for the same name, after a short wait."""
    transaction = tabs.required_tab(UNLOCK)
    typed = service.typed_name(transaction)
    if typed is None:
        return redirect_303(UNLOCK, tx=transaction.handle)
    return _request(transaction, typed, None)


@blueprint.get(LINK)
@page("anyone")
def take_link() -> Response:
    """Take the token off the address at once; nothing is used up (cases RC-06, RG-11)."""
    token = request.args.get("token", "")
    transaction = mailed_codes.keep_link(
        current_context(), current_browser().digest, Purpose.UNLOCK, token, return_to=tabs.HOME
    )
    return redirect_303(CONFIRM, tx=transaction.handle)


@blueprint.get(CONFIRM)
@page("anyone")
def show_link() -> Response:
    """Show the button that unlocks, or that the link no longer works."""
    transaction = tabs.required_tab(UNLOCK)
    works = mailed_codes.link_works(current_context(), transaction, Purpose.UNLOCK)
    return _link_page(transaction) if works else _dead_link_page(transaction)


@blueprint.post(CONFIRM)
@page("anyone")
def redeem_link() -> Response:
    """Unlock by the link."""
    transaction = tabs.required_tab(UNLOCK)
    done = service.redeem_link(current_context(), transaction)
    if isinstance(done, Refused):
        return _dead_link_page(transaction)
    return redirect_303(DONE, tx=transaction.handle)


@blueprint.get(DONE)
@page("anyone")
def show_done() -> Response:
    """Say that the password works again; signing in is still to do."""
    transaction = tabs.required_tab(UNLOCK)
    if not service.is_unlocked(transaction):
        return redirect_303(UNLOCK, tx=transaction.handle)
    return render("unlock/unlocked.html", transaction=transaction, tx=transaction.handle)


def _request(transaction: Transaction, typed: str, form: IdentifierForm | None) -> Response:
    ctx = current_context()
    if not mailed_codes.is_allowed(ctx):
        return too_many(ctx, LimitName.CODE_REQUEST_IP)
    asked = service.request_code(ctx, transaction, typed)
    if not isinstance(asked, Refused):
        return redirect_303(CODE, tx=transaction.handle)
    shown = form or CodeForm(formdata=None)
    shown.refuse(asked, WORDS)
    if isinstance(shown, IdentifierForm):
        return _unlock_page(shown, transaction, UNPROCESSABLE)
    return _code_page(transaction, shown, UNPROCESSABLE)


def _unlock_page(
    form: IdentifierForm, transaction: Transaction | None, status_code: int = 200
) -> Response:
    return render(
        "unlock/unlock.html",
        status_code=status_code,
        transaction=transaction,
        tx=transaction.handle if transaction else None,
        form=form,
    )


def _code_page(transaction: Transaction, form: CodeForm, status_code: int = 200) -> Response:
    typed = service.typed_name(transaction)
    if typed is None:
        return redirect_303(UNLOCK, tx=transaction.handle)
    return render(
        "unlock/code.html",
        status_code=status_code,
        own_path=CODE,
        transaction=transaction,
        tx=transaction.handle,
        form=form,
        start=UNLOCK,
        typed=typed,
    )


def _link_page(transaction: Transaction) -> Response:
    return render("unlock/confirm.html", transaction=transaction, tx=transaction.handle)


def _dead_link_page(transaction: Transaction) -> Response:
    return render(
        "mailed_codes/dead_link.html",
        status_code=_GONE,
        transaction=transaction,
        tx=transaction.handle,
        start=UNLOCK,
    )
