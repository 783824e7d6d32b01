"""Which way a tab is on: loads its transaction, begins one, or says that the step is over.

Two tabs never mix, because each carries its own handle; a tab whose transaction is gone gets a
page that leads back to where its own way began (accounts section 3).
"""

from flask import Blueprint, Response, request

from idp.foundation.database import writing
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.pages import redirect_303, render
from idp.web.sessions import current_session
from idp.web.statuses import GONE
from idp.web.transactions import service as transactions
from idp.web.transactions.service import ClientNote, Transaction, TransactionOver

SIGN_IN = "/sign-in"
HOME = "/account"


class StaleTab(Exception):
    """The tab's transaction is finished, too old, or was begun in another browser."""

    def __init__(self, client: ClientNote | None = None, start: str = SIGN_IN) -> None:
        """client: the application that sent the person; start: where the way begins here."""
        super().__init__("stale tab")
        self.client = client
        self.start = start


def register(blueprint: Blueprint) -> None:
    """Answer stale tabs of the whole application with their page."""
    blueprint.app_errorhandler(StaleTab)(answer_stale)
    blueprint.app_errorhandler(TransactionOver)(_answer_over)


def present_tab(start: str = SIGN_IN) -> Transaction | None:
    """Return this request's transaction, or None when it names none: the first page of a way.

    Raises StaleTab when the named one no longer works.
    """
    handle = request.values.get("tx", "")
    if not handle:
        return None
    ctx = current_context()
    found = transactions.load(ctx, current_browser().digest, handle)
    if found is None:
        raise StaleTab(transactions.client_of_stale(ctx, handle), start)
    return found


def required_tab(start: str = SIGN_IN) -> Transaction:
    """Return this request's transaction; raises StaleTab without one: a later step of a way."""
    found = present_tab(start)
    if found is None:
        raise StaleTab(start=start)
    return found


def opened_tab(start: str = SIGN_IN, return_to: str = HOME) -> Transaction:
    """Return this request's transaction, and begin one when it names none.

    For what the first form of a way sends: looking at a page alone writes nothing.
    """
    found = present_tab(start)
    if found is not None:
        return found
    ctx = current_context()
    with writing(ctx.db):
        return transactions.begin(ctx, current_browser().digest, return_to=return_to)


def leave(transaction: Transaction) -> Response:
    """Lead on to where a completed transaction goes."""
    if transaction.authorization is None:
        return redirect_303(transaction.return_to)
    return redirect_303(transaction.return_to, tx=transaction.handle)


def answer_stale(stale: StaleTab) -> Response:
    """Say that the step is no longer open, with the way back to the tab's own application."""
    home = HOME if current_session() else stale.start
    return render("tabs/stale.html", status_code=GONE, client=stale.client, start=home)


def _answer_over(over: TransactionOver) -> Response:
    return answer_stale(StaleTab(over.transaction.client))
