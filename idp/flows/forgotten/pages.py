"""Pages of resetting a forgotten password: mailbox, second factor, new password."""

from flask import Blueprint, Response

from idp.flows.forgotten import service, username_pages
from idp.foundation.results import Refused
from idp.people.accounts.service import Account
from idp.people.credentials import passwords
from idp.web import tabs
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.mailed_codes import links
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.asking import Asking
from idp.web.mailed_codes.forms import WORDS, CodeForm
from idp.web.mailed_codes.service import Purpose
from idp.web.new_passwords import NewPasswordForm, chosen
from idp.web.pages import redirect_303, render
from idp.web.statuses import UNPROCESSABLE
from idp.web.transactions.service import Transaction

blueprint = Blueprint("forgotten", __name__)
blueprint.register_blueprint(username_pages.blueprint)
FORGOT = "/forgot-password"
_LINK, _CONFIRM = f"{FORGOT}/link", f"{FORGOT}/confirm"
_DONE = f"{FORGOT}/done"
_ASKING = Asking(
    Purpose.PASSWORD_RESET,
    FORGOT,
    "forgotten/password.html",
    "forgotten/code.html",
    service.request_code,
)


@blueprint.get(FORGOT)
@page("anyone")
def show_forgot() -> Response:
    """Ask whose password is forgotten."""
    return _ASKING.show_first()


@blueprint.post(FORGOT)
@page("anyone")
def request_code() -> Response:
    """Send a code to whoever has the account; lead to the same page in any case."""
    return _ASKING.ask()


@blueprint.get(_ASKING.code)
@page("anyone")
def show_code() -> Response:
    """Say "check your email" and take the code."""
    return _ASKING.code_page(tabs.required_tab(FORGOT), CodeForm())


@blueprint.post(_ASKING.code)
@page("anyone")
def redeem_code() -> Response:
    """Prove the mailbox by the code."""
    transaction, form = tabs.required_tab(FORGOT), CodeForm()
    if form.validate_on_submit():
        onward = service.redeem_code(current_context(), transaction, form.code.data or "")
        if not isinstance(onward, Refused):
            return redirect_303(onward.path, tx=onward.transaction.handle)
        form.refuse(onward, WORDS)
    return _ASKING.code_page(transaction, form, UNPROCESSABLE)


@blueprint.post(f"{FORGOT}/resend")
@page("anyone")
def send_again() -> Response:
    """Send a new code for the same name, after a short wait."""
    return _ASKING.ask_again()


@blueprint.get(_LINK)
@page("anyone")
def take_link() -> Response:
    """Take the token off the address at once; nothing is used up (cases RC-06, RG-11)."""
    return links.take(Purpose.PASSWORD_RESET, _CONFIRM)


@blueprint.get(_CONFIRM)
@page("anyone")
def show_link() -> Response:
    """Show the button that goes on, or that the link no longer works."""
    transaction = tabs.required_tab(FORGOT)
    if not mailed_codes.link_works(current_context(), transaction, Purpose.PASSWORD_RESET):
        return _ASKING.dead_link_page(transaction)
    return render("forgotten/confirm.html", transaction=transaction, tx=transaction.handle)


@blueprint.post(_CONFIRM)
@page("anyone")
def redeem_link() -> Response:
    """Prove the mailbox by the link."""
    transaction = tabs.required_tab(FORGOT)
    onward = service.redeem_link(current_context(), current_browser().digest, transaction)
    if isinstance(onward, Refused):
        return _ASKING.dead_link_page(transaction)
    return redirect_303(onward.path, tx=onward.transaction.handle)


@blueprint.get(service.NEW_PASSWORD)
@page("anyone")
def show_new_password() -> Response:
    """Ask for the new password, when everything before it is proven."""
    transaction = tabs.required_tab(FORGOT)
    account = service.resetting(current_context(), transaction)
    if account is None:
        return redirect_303(FORGOT, tx=transaction.handle)
    return _new_password_page(transaction, account, NewPasswordForm(formdata=None))


@blueprint.post(service.NEW_PASSWORD)
@page("anyone")
def set_password() -> Response:
    """Set the new password; signing in with it is still to do."""
    transaction, ctx = tabs.required_tab(FORGOT), current_context()
    account = service.resetting(ctx, transaction)
    if account is None:
        raise tabs.StaleTab(transaction.client, FORGOT)
    form = NewPasswordForm()
    password = chosen(
        form,
        lambda typed: passwords.judge_next(ctx, account, typed),
        ctx.policies.password.active,
    )
    if password is None:
        return _new_password_page(transaction, account, form, UNPROCESSABLE)
    if isinstance(service.set_password(ctx, transaction, password), Refused):
        raise tabs.StaleTab(transaction.client, FORGOT)
    return redirect_303(_DONE, tx=transaction.handle)


@blueprint.get(_DONE)
@page("anyone")
def show_done() -> Response:
    """Say that the new password is set."""
    transaction = tabs.required_tab(FORGOT)
    if not service.is_done(transaction):
        return redirect_303(FORGOT, tx=transaction.handle)
    return render("forgotten/done.html", transaction=transaction, tx=transaction.handle)


def _new_password_page(
    transaction: Transaction, account: Account, form: NewPasswordForm, status_code: int = 200
) -> Response:
    return render(
        "forgotten/new_password.html",
        status_code=status_code,
        transaction=transaction,
        tx=transaction.handle,
        form=form,
        personal=passwords.personal_of(account),
    )
