"""The pages on which somebody who is not signed in asks for a mailed code and types it."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response

from idp.foundation.context import Context
from idp.foundation.rate_limits.service import LimitName
from idp.foundation.results import Refused
from idp.web import tabs
from idp.web.context import current_context
from idp.web.mailed_codes import service
from idp.web.mailed_codes.forms import WORDS, CodeForm, IdentifierForm
from idp.web.mailed_codes.service import Purpose
from idp.web.pages import redirect_303, render
from idp.web.statuses import GONE, UNPROCESSABLE
from idp.web.too_many import too_many
from idp.web.transactions.service import Transaction


@dataclass(frozen=True, slots=True)
class Asking:
    """The same pages for every purpose of a code.

    start: the path that asks for the name; `start`/code takes the code. first, second: their
    templates. request_code: the flow's use case; its `Refused` is shown on the page that asked.
    """

    purpose: Purpose
    start: str
    first: str
    second: str
    request_code: Callable[[Context, Transaction, str], Transaction | Refused]

    @property
    def code(self) -> str:
        """The path of the page that takes the code."""
        return f"{self.start}/code"

    def show_first(self) -> Response:
        """Ask for the name, filled in as it was typed to sign in."""
        transaction = tabs.present_tab(self.start)
        typed = transaction.progress.get("sign_in_name", "") if transaction else ""
        return self._first_page(IdentifierForm(data={"username": typed}), transaction)

    def ask(self) -> Response:
        """Send a code to whom it belongs; lead to the same page in any case."""
        transaction, form = tabs.opened_tab(self.start), IdentifierForm()
        if not form.validate_on_submit():
            return self._first_page(form, transaction, UNPROCESSABLE)
        return self._request(transaction, form.username.data or "", form)

    def ask_again(self) -> Response:
        """Send a new code for the same name, after a short wait."""
        transaction = tabs.required_tab(self.start)
        typed = service.typed_name(transaction, self.purpose)
        if typed is None:
            return redirect_303(self.start, tx=transaction.handle)
        return self._request(transaction, typed, None)

    def code_page(
        self, transaction: Transaction, form: CodeForm, status_code: int = 200
    ) -> Response:
        """Say "check your email" and take the code; a tab that has not asked begins anew."""
        typed = service.typed_name(transaction, self.purpose)
        if typed is None:
            return redirect_303(self.start, tx=transaction.handle)
        return render(
            self.second,
            status_code=status_code,
            own_path=self.code,
            transaction=transaction,
            tx=transaction.handle,
            form=form,
            start=self.start,
            typed=typed,
        )

    def dead_link_page(self, transaction: Transaction) -> Response:
        """Say that the link no longer works, and where to ask for another."""
        return render(
            "mailed_codes/dead_link.html",
            status_code=GONE,
            transaction=transaction,
            tx=transaction.handle,
            start=self.start,
        )

    def _request(
        self, transaction: Transaction, typed: str, form: IdentifierForm | None
    ) -> Response:
        ctx = current_context()
        if not service.is_allowed(ctx):
            return too_many(ctx, LimitName.CODE_REQUEST_IP)
        asked = self.request_code(ctx, transaction, typed)
        if not isinstance(asked, Refused):
            return redirect_303(self.code, tx=transaction.handle)
        if form is not None:
            form.refuse(asked, WORDS)
            return self._first_page(form, transaction, UNPROCESSABLE)
        typing = CodeForm(formdata=None)
        typing.refuse(asked, WORDS)
        return self.code_page(transaction, typing, UNPROCESSABLE)

    def _first_page(
        self, form: IdentifierForm, transaction: Transaction | None, status_code: int = 200
    ) -> Response:
        return render(
            self.first,
            status_code=status_code,
            transaction=transaction,
            tx=transaction.handle if transaction else None,
            form=form,
        )
