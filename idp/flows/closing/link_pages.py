"""Pages behind the links that keep an account or bring it back: from any browser."""

from flask import Blueprint, Response

from idp.flows.closing import restoring, service
from idp.foundation.results import Refused
from idp.web import tabs
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.mailed_codes import links
from idp.web.mailed_codes.service import Purpose
from idp.web.pages import redirect_303, render
from idp.web.statuses import GONE, UNPROCESSABLE
from idp.web.transactions.service import Transaction

blueprint = Blueprint("links", __name__)
KEEP = "/keep-account"
RESTORE = "/restore-account"


@blueprint.get(f"{KEEP}/link")
@page("anyone")
def take_keep_link() -> Response:
    """Take the token off the address at once; nothing is used up (cases RC-06, RG-11)."""
    return links.take(Purpose.CLOSING_UNDO, KEEP)


@blueprint.get(KEEP)
@page("anyone")
def show_keep() -> Response:
    """Show the button that keeps the account, or that the link no longer works."""
    transaction = tabs.required_tab()
    until = service.keepable(current_context(), transaction)
    if until is None:
        return _dead_page(transaction)
    return render(
        "closing/keep.html", transaction=transaction, tx=transaction.handle, closes_at=until
    )


@blueprint.post(KEEP)
@page("anyone")
def keep() -> Response:
    """Keep the account."""
    transaction = tabs.required_tab()
    done = service.keep_by_link(current_context(), transaction)
    if isinstance(done, Refused):
        return _dead_page(transaction)
    return redirect_303(f"{KEEP}/done", tx=transaction.handle)


@blueprint.get(f"{KEEP}/done")
@page("anyone")
def show_kept() -> Response:
    """Say that the account stays; signing in is still to do."""
    transaction = tabs.required_tab()
    if not service.is_kept(transaction):
        return redirect_303(KEEP, tx=transaction.handle)
    return _page("kept", transaction)


@blueprint.get(f"{RESTORE}/link")
@page("anyone")
def take_restore_link() -> Response:
    """Take the token off the address at once; nothing is used up (cases RC-06, RG-11)."""
    return links.take(Purpose.ACCOUNT_RESTORE, RESTORE)


@blueprint.get(RESTORE)
@page("anyone")
def show_restore() -> Response:
    """Show the button that brings the account back, or that the link no longer works."""
    transaction = tabs.required_tab()
    works = restoring.can_restore(current_context(), transaction)
    return _page("restore", transaction) if works else _dead_page(transaction)


@blueprint.post(RESTORE)
@page("anyone")
def restore() -> Response:
    """Bring the account back."""
    transaction = tabs.required_tab()
    done = restoring.restore(current_context(), transaction)
    if not isinstance(done, Refused):
        return redirect_303(f"{RESTORE}/done", tx=transaction.handle)
    if done.key == "address_taken":
        return _page("address_taken", transaction, UNPROCESSABLE)
    return _dead_page(transaction)


@blueprint.get(f"{RESTORE}/done")
@page("anyone")
def show_restored() -> Response:
    """Say that the account is back; signing in is still to do."""
    transaction = tabs.required_tab()
    if not restoring.is_restored(transaction):
        return redirect_303(RESTORE, tx=transaction.handle)
    return _page("restored", transaction)


def _page(name: str, transaction: Transaction, status_code: int = 200) -> Response:
    return render(
        f"closing/{name}.html",
        status_code=status_code,
        transaction=transaction,
        tx=transaction.handle,
    )


def _dead_page(transaction: Transaction) -> Response:
    return _page("dead_link", transaction, GONE)
