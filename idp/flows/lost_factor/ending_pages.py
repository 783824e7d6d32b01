"""Pages behind the links of the mails: cancelling the replacement, or carrying it out."""

from flask import Blueprint, Response

from idp.flows.lost_factor import service
from idp.flows.lost_factor.forms import WORDS, PasswordForm
from idp.foundation.rate_limits.service import LimitName
from idp.foundation.results import Refused
from idp.people.accounts.service import Account
from idp.people.credentials import password_check
from idp.web import known_browser, stopped, tabs
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.mailed_codes import links
from idp.web.mailed_codes.service import Purpose
from idp.web.pages import redirect_303, render
from idp.web.proven import ENROLL
from idp.web.statuses import GONE, UNPROCESSABLE
from idp.web.too_many import too_many
from idp.web.transactions.service import Transaction

blueprint = Blueprint("ending", __name__)
CANCEL = "/lost-factor/cancel"
CANCELLED = f"{CANCEL}/done"
REPLACE = "/lost-factor/replace"


@blueprint.get(f"{CANCEL}/link")
@page("anyone")
def take_cancel_link() -> Response:
    """Take the token off the address at once; nothing is used up (cases RC-06, RG-11)."""
    return links.take(Purpose.MFA_RECOVERY_CANCEL, CANCEL)


@blueprint.get(CANCEL)
@page("anyone")
def show_cancel() -> Response:
    """Show the button that cancels, or that the link no longer works."""
    transaction = tabs.required_tab()
    works = service.can_be_cancelled(current_context(), transaction)
    return _page("cancel", transaction) if works else _dead_page(transaction)


@blueprint.post(CANCEL)
@page("anyone")
def cancel() -> Response:
    """Cancel the replacement."""
    transaction = tabs.required_tab()
    done = service.cancel_by_link(current_context(), transaction)
    if isinstance(done, Refused):
        return _dead_page(transaction)
    return redirect_303(CANCELLED, tx=transaction.handle)


@blueprint.get(CANCELLED)
@page("anyone")
def show_cancelled() -> Response:
    """Say that nothing is replaced, and what to do about the password."""
    transaction = tabs.required_tab()
    if not service.is_cancelled(transaction):
        return redirect_303(CANCEL, tx=transaction.handle)
    return _page("cancelled", transaction)


@blueprint.get(f"{REPLACE}/link")
@page("anyone")
def take_replace_link() -> Response:
    """Take the token off the address at once; nothing is used up (cases RC-06, RG-11)."""
    return links.take(Purpose.MFA_REPLACEMENT, REPLACE)


@blueprint.get(REPLACE)
@page("anyone")
def show_replace() -> Response:
    """Say what will end, and ask for the password once more."""
    transaction = tabs.required_tab()
    account = service.replacing(current_context(), transaction)
    if account is None:
        return _dead_page(transaction)
    return _replace_page(transaction, account, PasswordForm())


@blueprint.post(REPLACE)
@page("anyone")
def replace() -> Response:
    """End every former factor and lead on to enrolling a new one."""
    transaction, ctx, form = tabs.required_tab(), current_context(), PasswordForm()
    account = service.replacing(ctx, transaction)
    if account is None:
        return _dead_page(transaction)
    if not form.validate_on_submit():
        return _replace_page(transaction, account, form, UNPROCESSABLE)
    browser = known_browser.presented()
    if not password_check.is_allowed(ctx, account.username, browser):
        return too_many(ctx, LimitName.SIGN_IN_IP)
    password = form.password.data or ""
    replaced = service.replace(ctx, transaction, account, password, browser)
    if isinstance(replaced, Refused):
        return _refused(transaction, account, form, replaced)
    return redirect_303(ENROLL, tx=replaced.handle)


def _refused(
    transaction: Transaction, account: Account, form: PasswordForm, refused: Refused
) -> Response:
    if refused == service.DEAD_LINK:
        return _dead_page(transaction)
    if stop := stopped.answer(transaction, refused):
        return stop
    form.refuse(refused, WORDS)
    return _replace_page(transaction, account, form, UNPROCESSABLE)


def _replace_page(
    transaction: Transaction, account: Account, form: PasswordForm, status_code: int = 200
) -> Response:
    return render(
        "lost_factor/replace.html",
        status_code=status_code,
        transaction=transaction,
        tx=transaction.handle,
        form=form,
        username=account.username,
    )


def _page(name: str, transaction: Transaction, status_code: int = 200) -> Response:
    return render(
        f"lost_factor/{name}.html",
        status_code=status_code,
        transaction=transaction,
        tx=transaction.handle,
    )


def _dead_page(transaction: Transaction) -> Response:
    return _page("dead_link", transaction, GONE)
