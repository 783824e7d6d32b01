"""Pages of undoing a change of address: for whoever reads the former mailbox."""

from flask import Blueprint, Response

from idp.flows.email_change import undoing
from idp.web import tabs
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.mailed_codes import links
from idp.web.mailed_codes.service import Purpose
from idp.web.pages import redirect_303, render
from idp.web.statuses import GONE
from idp.web.transactions.service import Transaction

blueprint = Blueprint("undoing", __name__)
UNDO = "/email-undo"
LINK = f"{UNDO}/link"
DONE = f"{UNDO}/done"


@blueprint.get(LINK)
@page("anyone")
def take_link() -> Response:
    """Take the token off the address at once; nothing is used up (cases RC-06, RG-11)."""
    return links.take(Purpose.EMAIL_CHANGE_UNDO, UNDO)


@blueprint.get(UNDO)
@page("anyone")
def show() -> Response:
    """Show the button that undoes, or that the link no longer works."""
    tab = tabs.required_tab()
    told = undoing.told(current_context(), tab)
    if told is None:
        return _dead_link_page(tab)
    return render("email_change/undo.html", transaction=tab, tx=tab.handle, told=told)


@blueprint.post(UNDO)
@page("anyone")
def undo() -> Response:
    """Undo the change and protect the account."""
    tab = tabs.required_tab()
    if undoing.undo(current_context(), tab):
        return _dead_link_page(tab)
    return redirect_303(DONE, tx=tab.handle)


@blueprint.get(DONE)
@page("anyone")
def show_done() -> Response:
    """Say what was done and what is still to do."""
    tab = tabs.required_tab()
    undone = undoing.undone(tab)
    if undone is None:
        return redirect_303(UNDO, tx=tab.handle)
    return render("email_change/undone.html", transaction=tab, undone=undone)


def _dead_link_page(tab: Transaction) -> Response:
    return render("email_change/dead_undo.html", status_code=GONE, transaction=tab, tx=tab.handle)
