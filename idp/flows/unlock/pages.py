"""Pages of unlocking an account by mail."""

from flask import Blueprint, Response

from idp.flows.unlock import service
from idp.foundation.results import Refused
from idp.web import tabs
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.mailed_codes import links
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.asking import Asking
from idp.web.mailed_codes.forms import WORDS, CodeForm
from idp.web.mailed_codes.service import Purpose
from idp.web.pages import redirect_303, render
from idp.web.statuses import UNPROCESSABLE
from idp.web.transactions.service import Transaction

blueprint = Blueprint("unlock", __name__)
UNLOCK = "/unlock"
LINK = "/unlock/link"
CONFIRM = "/unlock/confirm"
DONE = "/unlock/done"
_ASKING = Asking(
    Purpose.UNLOCK, UNLOCK, "unlock/unlock.html", "unlock/code.html", service.request_code
)


@blueprint.get(UNLOCK)
@page("anyone")
def show_unlock() -> Response:
    """Ask whose account is locked."""
    return _ASKING.show_first()


@blueprint.post(UNLOCK)
@page("anyone")
def request_code() -> Response:
    """Send a code if there is something to unlock; lead to the same page in any case."""
    return _ASKING.ask()


@blueprint.get(_ASKING.code)
@page("anyone")
def show_code() -> Response:
    """Say "check your email" and take the code."""
    return _ASKING.code_page(tabs.required_tab(UNLOCK), CodeForm())


@blueprint.post(_ASKING.code)
@page("anyone")
def redeem_code() -> Response:
    """Unlock by the code."""
    transaction, form = tabs.required_tab(UNLOCK), CodeForm()
    if form.validate_on_submit():
        done = service.redeem_code(current_context(), transaction, form.code.data or "")
        if not isinstance(done, Refused):
            return redirect_303(DONE, tx=transaction.handle)
        form.refuse(done, WORDS)
    return _ASKING.code_page(transaction, form, UNPROCESSABLE)


@blueprint.post("/unlock/resend")
@page("anyone")
def send_again() -> Response:
    """Send a new code for the same name, after a short wait."""
    return _ASKING.ask_again()


@blueprint.get(LINK)
@page("anyone")
def take_link() -> Response:
    """Take the token off the address at once; nothing is used up (cases RC-06, RG-11)."""
    return links.take(Purpose.UNLOCK, CONFIRM)


@blueprint.get(CONFIRM)
@page("anyone")
def show_link() -> Response:
    """Show the button that unlocks, or that the link no longer works."""
    transaction = tabs.required_tab(UNLOCK)
    works = mailed_codes.link_works(current_context(), transaction, Purpose.UNLOCK)
    return _link_page(transaction) if works else _ASKING.dead_link_page(transaction)


@blueprint.post(CONFIRM)
@page("anyone")
def redeem_link() -> Response:
    """Unlock by the link."""
    transaction = tabs.required_tab(UNLOCK)
    done = service.redeem_link(current_context(), transaction)
    if isinstance(done, Refused):
        return _ASKING.dead_link_page(transaction)
    return redirect_303(DONE, tx=transaction.handle)


@blueprint.get(DONE)
@page("anyone")
def show_done() -> Response:
    """Say that the password works again; signing in is still to do."""
    transaction = tabs.required_tab(UNLOCK)
    if not service.is_unlocked(transaction):
        return redirect_303(UNLOCK, tx=transaction.handle)
    return render("unlock/unlocked.html", transaction=transaction, tx=transaction.handle)


def _link_page(transaction: Transaction) -> Response:
    return render("unlock/confirm.html", transaction=transaction, tx=transaction.handle)
