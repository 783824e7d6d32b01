"""The pages of a right or wrong password that leads nowhere: locked, or due to be reset."""

from flask import Response

from idp.foundation.results import Refused
from idp.web.context import current_context
from idp.web.pages import render
from idp.web.statuses import UNPROCESSABLE
from idp.web.transactions.service import Transaction


def answer(transaction: Transaction, refused: Refused) -> Response | None:
    """Return the page of a refusal that no form can mend; None: the form shows it."""
    if refused.key == "locked":
        return _locked(transaction, refused)
    return _must_reset(transaction) if refused.key == "must_reset" else None


def _locked(transaction: Transaction, refused: Refused) -> Response:
    """The same page for names that exist and names that do not."""
    return render(
        "sign_in/locked.html",
        status_code=UNPROCESSABLE,
        transaction=transaction,
        tx=transaction.handle,
        until=refused.values["until"],
        now=current_context().now(),
    )


def _must_reset(transaction: Transaction) -> Response:
    """Say that the password, right as it is, must be reset by mail first."""
    return render(
        "forgotten/must_reset.html",
        status_code=UNPROCESSABLE,
        transaction=transaction,
        tx=transaction.handle,
    )
