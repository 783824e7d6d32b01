"""Pages on which a signed-in person adds an authenticator or makes new recovery codes."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import Blueprint, Response, jsonify, request

from idp.flows.mfa import adding, new_factors
from idp.flows.mfa.forms import EnrollForm, NewPasskeyForm, TypedBackForm
from idp.flows.mfa.new_factors import Proven as ProvenFactor
from idp.flows.mfa.showing import app_values, codes_file, refuse_or_restart
from idp.foundation.language import N_
from idp.foundation.results import Refused
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.credentials.factors import Kind
from idp.people.sessions.service import CurrentSession
from idp.web import tabs
from idp.web.context import current_context
from idp.web.forms import Form
from idp.web.guards import page
from idp.web.language import say
from idp.web.pages import redirect_303, render
from idp.web.sessions import current_session
from idp.web.statuses import UNPROCESSABLE
from idp.web.transactions.service import Transaction

blueprint = Blueprint("adding", __name__)
SECURITY = "/account/security"
APP, PASSKEY, CODES = (f"{SECURITY}/{name}" for name in ("app", "passkey", "recovery-codes"))
View = Callable[[Transaction, Account], Response]


def _adding(kind: Kind | None) -> Callable[[View], Callable[[], Response]]:
    """Give a view its tab and the person, unless something bars them. kind: None for codes."""

    def declare(view: View) -> Callable[[], Response]:
        @wraps(view)
        def guarded() -> Response:
            ctx, session = current_context(), cast("CurrentSession", current_session())
            account = cast("Account", accounts.get(ctx, session.account_id))
            if barred := adding.barred(ctx, account, kind):
                return _barred_page(barred)
            return view(tabs.opened_tab(SECURITY, SECURITY), account)

        return guarded

    return declare


@blueprint.get(APP)
@page("signed_in", step_up=SECURITY)
@_adding("totp")
def show_app(transaction: Transaction, account: Account) -> Response:
    """Show the secret of a further app, as a picture and as text."""
    form = EnrollForm(data={"name": say(N_("My other phone"))})
    return _app_page(transaction, account, form)


@blueprint.post(APP)
@page("signed_in", step_up=SECURITY)
@_adding("totp")
def add_app(transaction: Transaction, account: Account) -> Response:
    """Check the app's first code, and add it."""
    form, ctx = EnrollForm(), current_context()
    if not form.validate_on_submit():
        return _app_page(transaction, account, form, UNPROCESSABLE)
    name, code = form.name.data or "", form.code.data or ""
    proved = new_factors.prove_app(ctx, transaction, account, name=name, code=code)
    refused = proved if isinstance(proved, Refused) else _add(transaction, account, proved)
    if refused is None:
        return redirect_303(SECURITY, done="app_added")
    return _barred(form, transaction, refused) or _app_page(
        transaction, account, form, UNPROCESSABLE
    )


@blueprint.get(PASSKEY)
@page("signed_in", step_up=SECURITY)
@_adding("passkey")
def show_passkey(transaction: Transaction, _account: Account) -> Response:
    """Ask the person to make a further passkey."""
    return _passkey_page(transaction, NewPasskeyForm(data={"name": say(N_("My passkey"))}))


@blueprint.post(PASSKEY)
@page("signed_in", step_up=SECURITY)
@_adding("passkey")
def add_passkey(transaction: Transaction, account: Account) -> Response:
    """Check the passkey, and add it."""
    form, ctx = NewPasskeyForm(), current_context()
    if not form.validate_on_submit():
        return _passkey_page(transaction, form, UNPROCESSABLE)
    name, answer = form.name.data or "", form.credential.data or ""
    proved = new_factors.prove_passkey(ctx, transaction, account, name=name, answer=answer)
    refused = proved if isinstance(proved, Refused) else _add(transaction, account, proved)
    if refused is None:
        return redirect_303(SECURITY, done="passkey_added")
    return _barred(form, transaction, refused) or _passkey_page(transaction, form, UNPROCESSABLE)


@blueprint.post(f"{PASSKEY}/options")
@page("signed_in", step_up=SECURITY)
@_adding("passkey")
def passkey_options(transaction: Transaction, account: Account) -> Response:
    """Tell the page's script what to ask the browser for."""
    options = new_factors.passkey_options(current_context(), transaction, account)
    return jsonify(options=options, tx=transaction.handle)


@blueprint.get(CODES)
@page("signed_in", step_up=SECURITY)
@_adding(None)
def show_codes(transaction: Transaction, account: Account) -> Response:
    """Show new recovery codes, this once."""
    return _codes_page(transaction, account, TypedBackForm())


@blueprint.post(CODES)
@page("signed_in", step_up=SECURITY)
@_adding(None)
def replace_codes(transaction: Transaction, account: Account) -> Response:
    """Take one new code typed back; the old codes are dead from then on."""
    form, ctx = TypedBackForm(), current_context()
    if not form.validate_on_submit():
        return _codes_page(transaction, account, form, UNPROCESSABLE)
    refused = adding.replace_codes(ctx, transaction, account, form.code.data or "")
    if refused is None:
        return redirect_303(SECURITY, done="codes_replaced")
    return _barred(form, transaction, refused) or _codes_page(
        transaction, account, form, UNPROCESSABLE
    )


@blueprint.post(f"{CODES}/download")
@page("signed_in", step_up=SECURITY)
@_adding(None)
def download_codes(transaction: Transaction, account: Account) -> Response:
    """Hand the new recovery codes over as a text file."""
    codes = adding.codes_draft(current_context(), transaction, account)
    return codes_file(codes, account.username)


def _add(transaction: Transaction, account: Account, proved: ProvenFactor) -> Refused | None:
    return adding.add(current_context(), transaction, account, proved)


def _app_page(
    transaction: Transaction, account: Account, form: EnrollForm, status_code: int = 200
) -> Response:
    draft = new_factors.app_draft(current_context(), transaction, account)
    return _page("add_app", transaction, form, status_code, **app_values(draft))


def _passkey_page(
    transaction: Transaction, form: NewPasskeyForm, status_code: int = 200
) -> Response:
    return _page("add_passkey", transaction, form, status_code)


def _codes_page(
    transaction: Transaction, account: Account, form: TypedBackForm, status_code: int = 200
) -> Response:
    codes = adding.codes_draft(current_context(), transaction, account)
    return _page("new_codes", transaction, form, status_code, codes=codes)


def _page(
    name: str,
    transaction: Transaction,
    form: EnrollForm | NewPasskeyForm | TypedBackForm,
    status_code: int,
    **values: Any,
) -> Response:
    return render(
        f"security/{name}.html",
        status_code=status_code,
        transaction=transaction,
        tx=transaction.handle,
        form=form,
        **values,
    )


def _barred(form: Form, transaction: Transaction, refused: Refused) -> Response | None:
    """Show a refusal in the form, or return the page of one that no form can mend."""
    if refused.key in {"held", "too_many"}:
        return _barred_page(refused)
    refuse_or_restart(form, transaction, refused)
    return None


def _barred_page(barred: Refused) -> Response:
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render("security/barred.html", status_code=status, barred=barred)
