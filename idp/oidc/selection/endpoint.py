"""The page of prompt=select_account. OpenID Connect Core §3.1.2.1.

A browser has one session here, so the choice is between that one and signing in as somebody else.
"""

from flask import request
from flask.typing import ResponseReturnValue

from idp.foundation.database import writing
from idp.oidc.authorization import stopping
from idp.oidc.authorization.parking import RESUME_PATH
from idp.oidc.clients.directory import ClientDirectory
from idp.web.context import current_context
from idp.web.pages import redirect_303, render
from idp.web.sessions import count_activity, current_session
from idp.web.transactions import service as transactions

PATH = "/oidc/select-account"


class SelectionEndpoint:
    """Shows who is signed in, and goes on as that person or to sign-in."""

    def __init__(self, directory: ClientDirectory) -> None:
        self._directory = directory

    def show(self) -> ResponseReturnValue:
        """Answer GET /oidc/select-account."""
        found = stopping.stop(current_context(), self._directory)
        if not isinstance(found, stopping.Stop):
            return found
        waiting = found.parked.transaction
        if current_session() is None:
            return redirect_303(RESUME_PATH, tx=waiting.handle)
        return render("oidc/select_account.html", transaction=waiting, tx=waiting.handle)

    def choose(self) -> ResponseReturnValue:
        """Answer POST /oidc/select-account."""
        ctx = current_context()
        found = stopping.stop(ctx, self._directory)
        if not isinstance(found, stopping.Stop):
            return found
        waiting, session = found.parked.transaction, count_activity()
        if session is not None and request.form.get("choice") != "continue":
            return redirect_303("/sign-in", tx=waiting.handle)
        if session is not None:
            with writing(ctx.db):
                transactions.save_afterwards(ctx, waiting, selected=session.id)
        return redirect_303(RESUME_PATH, tx=waiting.handle)
