"""Pages behind the link "this wasn't me": from any browser, signed in or not."""

from flask import Blueprint, Response

from idp.flows.disavowal import service
from idp.foundation.results import Refused
from idp.web import tabs
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.mailed_codes import links
from idp.web.mailed_codes.service import Purpose
from idp.web.pages import redirect_303, render
from idp.web.statuses import GONE
from idp.web.transactions.service import Transaction

blueprint = Blueprint("disavowal", __name__)
NOT_ME = "/not-me"
DONE = f"{NOT_ME}/done"


@blueprint.get(f"{NOT_ME}/link")
@page("anyone")
def take_link() -> Response:
    """Take the token off the address at once; nothing is used up (cases RC-06, RG-11)."""
    return links.take(Purpose.DISAVOWAL, NOT_ME)


@blueprint.get(NOT_ME)
@page("anyone")
def show_event() -> Response:
    """Say what happened, with the one button; or that the link no longer works."""
    transaction = tabs.required_tab()
    told = service.told(current_context(), transaction)
    if told is None:
        return _dead_link_page(transaction)
    return render(
        "disavowal/not_me.html", transaction=transaction, tx=transaction.handle, told=told
    )


@blueprint.post(NOT_ME)
@page("anyone")
def disavow() -> Response:
    """Protect the account."""
    transaction = tabs.required_tab()
    done = service.disavow(current_context(), transaction)
    if isinstance(done, Refused):
        return _dead_link_page(transaction)
    return redirect_303(DONE, tx=transaction.handle)


@blueprint.get(DONE)
@page("anyone")
def show_done() -> Response:
    """Say what was ended, and how to get back in."""
    transaction = tabs.required_tab()
    if not service.is_done(transaction):
        return redirect_303(NOT_ME, tx=transaction.handle)
    return render("disavowal/done.html", transaction=transaction, tx=transaction.handle)


def _dead_link_page(transaction: Transaction) -> Response:
    return render(
        "disavowal/dead_link.html",
        status_code=GONE,
        transaction=transaction,
        tx=transaction.handle,
    )
