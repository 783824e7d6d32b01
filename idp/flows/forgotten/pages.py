"""Pages of resetting a forgotten password: mailbox, second factor, new password."""

from flask import Blueprint, Response, request

from idp.flows.forgotten import service, username_pages
from idp.foundation.rate_limits.service import LimitName
from idp.foundation.results import Refused
from idp.people.accounts.service import Account
from idp.people.credentials import passwords
from idp.web import tabs
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.forms import WORDS, CodeForm, IdentifierForm
from idp.web.mailed_codes.service import Purpose
from idp.web.new_passwords import NewPasswordForm, chosen
from idp.web.pages import redirect_303, render
from idp.web.statuses import UNPROCESSABLE
from idp.web.too_many import too_many
from idp.web.transactions.service import Transaction

blueprint = Blueprint("forgotten", __name__)
blueprint.register_blueprint(username_pages.blueprint)
FORGOT = "/forgot-password"
_CODE, _LINK, _CONFIRM = f"{FORGOT}/code", f"{FORGOT}/link", f"{FORGOT}/confirm"
_DONE = f"{FORGOT}/done"
_GONE = 410


@blueprint.get(FORGOT)
@page("anyone")
def show_forgot() -> Response:
    """Ask whose password is forgotten."""
    transaction = tabs.present_tab(FORGOT)
    typed = transaction.progress.get("sign_in_name", "") if transaction else ""
    return _forgot_page(IdentifierForm(data={"username": typed}), transaction)


@blueprint.post(FORGOT)
@page("anyone")
def request_code() -> Response:
    """Send a code to whoever has the account; lead to the same page in any case."""
    transaction, form = tabs.opened_tab(FORGOT), IdentifierForm()
    if not form.validate_on_submit():
        return _forgot_page(form, transaction, UNPROCESSABLE)
    return _request(transaction, form.username.data or "", form)


@blueprint.get(_CODE)
@page("anyone")
def show_code() -> Response:
    """Say "check your email" and take the code."""
    return _code_page(tabs.required_tab(FORGOT), CodeForm())


@blueprint.post(_CODE)
@page("anyone")
def redeem_code() -> Response:
    """Prove the mailbox by the code."""
    transaction, form = tabs.required_tab(FORGOT), CodeForm()
    if form.validate_on_submit():
        onward = service.redeem_code(current_context(), transaction, form.code.data or "")
        if not isinstance(onward, Refused):
            return redirect_303(onward.path, tx=onward.transaction.handle)
        form.refuse(onward, WORDS)
    return _code_page(transaction, form, UNPROCESSABLE)


@blueprint.post(f"{FORGOT}/resend")
@page("anyone")
def send_again() -> Response:
    """Send a new code for the same name, after a short wait."""
    transaction = tabs.required_tab(FORGOT)
    typed = service.typed_name(transaction)
    if typed is None:
        return redirect_303(FORGOT, tx=transaction.handle)
    return _request(transaction, typed, None)


@blueprint.get(_LINK)
@page("anyone")
def take_link() -> Response:
    """Take the token off the address at once; nothing is used up (cases RC-06, RG-11)."""
    transaction = mailed_codes.keep_link(
        current_context(),
        current_browser().digest,
        Purpose.PASSWORD_RESET,
        request.args.get("token", ""),
        return_to=tabs.HOME,
    )
    return redirect_303(_CONFIRM, tx=transaction.handle)


@blueprint.get(_CONFIRM)
@page("anyone")
def show_link() -> Response:
    """Show the button that goes on, or that the link no longer works."""
    transaction = tabs.required_tab(FORGOT)
    if not mailed_codes.link_works(current_context(), transaction, Purpose.PASSWORD_RESET):
        return _dead_link_page(transaction)
    return render("forgotten/confirm.html", transaction=transaction, tx=transaction.handle)


@blueprint.post(_CONFIRM)
@page("anyone")
def redeem_link() -> Response:
    """Prove the mailbox by the link."""
    transaction = tabs.required_tab(FORGOT)
    onward = service.redeem_link(current_context(), current_browser().digest, transaction)
    if isinstance(onward, Refused):
        return _dead_link_page(transaction)
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


def _request(transaction: Transaction, typed: str, form: IdentifierForm | None) -> Response:
    ctx = current_context()
    if not mailed_codes.is_allowed(ctx):
        return too_many(ctx, LimitName.CODE_REQUEST_IP)
    asked = service.request_code(ctx, transaction, typed)
    if not isinstance(asked, Refused):
        return redirect_303(_CODE, tx=transaction.handle)
    shown = form or CodeForm(formdata=None)
    shown.refuse(asked, WORDS)
    if isinstance(shown, IdentifierForm):
        return _forgot_page(shown, transaction, UNPROCESSABLE)
    return _code_page(transaction, shown, UNPROCESSABLE)


def _forgot_page(
    form: IdentifierForm, transaction: Transaction | None, status_code: int = 200
) -> Response:
    return render(
        "forgotten/password.html",
        status_code=status_code,
        transaction=transaction,
        tx=transaction.handle if transaction else None,
        form=form,
    )


def _code_page(transaction: Transaction, form: CodeForm, status_code: int = 200) -> Response:
    typed = service.typed_name(transaction)
    if typed is None:
        return redirect_303(FORGOT, tx=transaction.handle)
    return render(
        "forgotten/code.html",
        status_code=status_code,
        own_path=_CODE,
        transaction=transaction,
        tx=transaction.handle,
        form=form,
        start=FORGOT,
        typed=typed,
    )


def _dead_link_page(transaction: Transaction) -> Response:
    return render(
        "mailed_codes/dead_link.html",
        status_code=_GONE,
        transaction=transaction,
        tx=transaction.handle,
        start=FORGOT,
    )


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
