"""Pages for somebody whose password was right and who has no second factor: asking for another."""

from collections.abc import Callable
from functools import wraps

from flask import Blueprint, Response

from idp.flows.lost_factor import ending_pages, service
from idp.flows.lost_factor.forms import WORDS
from idp.foundation.rate_limits.service import LimitName
from idp.foundation.results import Refused
from idp.people.accounts.rules import masked_email
from idp.people.lost_factors import service as lost_factors
from idp.web import tabs
from idp.web.context import current_context, parts
from idp.web.guards import page
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.forms import CodeForm
from idp.web.pages import redirect_303, render
from idp.web.proven import ENROLL, SECOND_FACTOR, Proven, proven
from idp.web.recovery_banner import account_here
from idp.web.sessions import current_session
from idp.web.statuses import UNPROCESSABLE
from idp.web.too_many import too_many
from idp.web.transactions.service import Transaction

blueprint = Blueprint("lost_factor", __name__)
blueprint.register_blueprint(ending_pages.blueprint)
LOST = "/lost-factor"
CODE = f"{LOST}/code"
View = Callable[[Transaction, Proven], Response]


def _half_way(view: View) -> Callable[[], Response]:
    """Give a view the tab and whose password was right there; lead everybody else to sign in.

    A way that proved the mailbox alone (a password reset) is none: the mailed code would be the
    same proof twice (case RC-07).
    """

    @wraps(view)
    def guarded() -> Response:
        transaction = tabs.required_tab()
        half = proven(current_context(), transaction)
        if half is None:
            return redirect_303(tabs.SIGN_IN, tx=transaction.handle)
        if half.goes_to:
            back = f"{SECOND_FACTOR}?tx={transaction.handle}"
            return render("forgotten/one_more_proof.html", transaction=transaction, back=back)
        return view(transaction, half)

    return guarded


@blueprint.get(LOST)
@page("anyone")
@_half_way
def show(transaction: Transaction, half: Proven) -> Response:
    """Say what replacing every factor takes, or how far it is."""
    ctx = current_context()
    if lost_factors.open_of(ctx, half.account.id):
        return render("lost_factor/waiting.html", transaction=transaction, tx=transaction.handle)
    refused = lost_factors.refusal(ctx, half.account)
    return _refused(transaction, half, refused) if refused else _start_page(transaction, half)


@blueprint.post(LOST)
@page("anyone")
@_half_way
def request_code(transaction: Transaction, half: Proven) -> Response:
    """Mail the code that proves the mailbox."""
    return _request(transaction, half)


@blueprint.get(CODE)
@page("anyone")
@_half_way
def show_code(transaction: Transaction, half: Proven) -> Response:
    """Ask for the mailed code."""
    return _code_page(transaction, half, CodeForm())


@blueprint.post(CODE)
@page("anyone")
@_half_way
def begin(transaction: Transaction, half: Proven) -> Response:
    """Begin the wait by the code."""
    form = CodeForm()
    if not form.validate_on_submit():
        return _code_page(transaction, half, form, UNPROCESSABLE)
    begun = service.begin(current_context(), transaction, half, form.code.data or "")
    if not isinstance(begun, Refused):
        return redirect_303(LOST, tx=transaction.handle)
    return _refused(transaction, half, begun, form)


@blueprint.post(f"{CODE}/resend")
@page("anyone")
@_half_way
def send_again(transaction: Transaction, half: Proven) -> Response:
    """Mail a new code, after a short wait."""
    return _request(transaction, half)


@blueprint.post(f"{LOST}/stop")
@page("anyone")
def stop() -> Response:
    """Cancel the replacement, as the banner on every page offers."""
    transaction = None if current_session() else tabs.required_tab()
    account_id = account_here(transaction)
    if account_id:
        service.stop(current_context(), account_id)
    if transaction is None:
        return redirect_303(tabs.HOME)
    return redirect_303(SECOND_FACTOR, tx=transaction.handle)


def _request(transaction: Transaction, half: Proven) -> Response:
    ctx = current_context()
    if not mailed_codes.is_allowed(ctx):
        return too_many(ctx, LimitName.CODE_REQUEST_IP)
    asked = service.request_code(ctx, transaction, half)
    if isinstance(asked, Refused):
        return _refused(transaction, half, asked, CodeForm(formdata=None))
    return redirect_303(CODE, tx=transaction.handle)


def _refused(
    transaction: Transaction, half: Proven, refused: Refused, form: CodeForm | None = None
) -> Response:
    """Answer why nothing begins: at the form, on a page that says so, or where it is told."""
    if refused.key == "recovery_too_many":
        return _too_many_page(transaction)
    if refused.key == "recovery_not_for_you":
        return redirect_303(ENROLL, tx=transaction.handle)
    if form is None or refused.key == "recovery_open":
        return redirect_303(LOST, tx=transaction.handle)
    form.refuse(refused, WORDS)
    return _code_page(transaction, half, form, UNPROCESSABLE)


def _start_page(transaction: Transaction, half: Proven) -> Response:
    return render(
        "lost_factor/lost_factor.html",
        transaction=transaction,
        tx=transaction.handle,
        address=masked_email(half.account.email),
        hours=parts().policies.mfa.recovery_delay_seconds // 3600,
    )


def _code_page(
    transaction: Transaction, half: Proven, form: CodeForm, status_code: int = 200
) -> Response:
    if not service.has_asked(transaction):
        return redirect_303(LOST, tx=transaction.handle)
    return render(
        "lost_factor/code.html",
        status_code=status_code,
        own_path=CODE,
        transaction=transaction,
        tx=transaction.handle,
        form=form,
        address=masked_email(half.account.email),
    )


def _too_many_page(transaction: Transaction) -> Response:
    policy = parts().policies.mfa
    return render(
        "lost_factor/too_many.html",
        status_code=UNPROCESSABLE,
        transaction=transaction,
        tx=transaction.handle,
        most=policy.recoveries,
        days=policy.recoveries_within_seconds // 86400,
    )
