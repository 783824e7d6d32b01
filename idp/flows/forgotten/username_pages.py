"""Pages of a forgotten username."""

from flask import Blueprint, Response

from idp.flows.forgotten import usernames
from idp.flows.forgotten.forms import ForgotUsernameForm
from idp.foundation.rate_limits.service import LimitName
from idp.web import tabs
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.mailed_codes import service as mailed_codes
from idp.web.pages import redirect_303, render
from idp.web.statuses import UNPROCESSABLE
from idp.web.too_many import too_many
from idp.web.transactions.service import Transaction

blueprint = Blueprint("usernames", __name__)
FORGOT = "/forgot-username"
_SENT = f"{FORGOT}/sent"


@blueprint.get(FORGOT)
@page("anyone")
def show_forgot() -> Response:
    """Ask who the person is."""
    return _page(ForgotUsernameForm(formdata=None), tabs.present_tab(FORGOT))


@blueprint.post(FORGOT)
@page("anyone")
def remind() -> Response:
    """Mail what there is to tell; lead to the same page in any case."""
    transaction, form, ctx = tabs.opened_tab(FORGOT), ForgotUsernameForm(), current_context()
    if not form.validate_on_submit():
        return _page(form, transaction, UNPROCESSABLE)
    if not mailed_codes.is_allowed(ctx):
        return too_many(ctx, LimitName.CODE_REQUEST_IP)
    usernames.remind(ctx, transaction, form.email.data or "")
    return redirect_303(_SENT, tx=transaction.handle)


@blueprint.get(_SENT)
@page("anyone")
def show_sent() -> Response:
    """Say "check your email"."""
    transaction = tabs.required_tab(FORGOT)
    typed = usernames.asked_for(transaction)
    if typed is None:
        return redirect_303(FORGOT, tx=transaction.handle)
    return render(
        "forgotten/username_sent.html",
        transaction=transaction,
        tx=transaction.handle,
        typed=typed,
    )


def _page(
    form: ForgotUsernameForm, transaction: Transaction | None, status_code: int = 200
) -> Response:
    return render(
        "forgotten/username.html",
        status_code=status_code,
        transaction=transaction,
        tx=transaction.handle if transaction else None,
        form=form,
    )
