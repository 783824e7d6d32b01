"""The terms of use stand before every page of a signed-in person, and before every application.

A session carries nothing of it: whether they are accepted is asked at each page, so that a new
version is shown at once, and once.
"""

from flask.typing import ResponseReturnValue

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts import service as accounts
from idp.people.sessions.service import CurrentSession
from idp.web.browser_session import current_browser
from idp.web.pages import redirect_303
from idp.web.transactions import service as transactions

PATH = "/terms/accept"


def are_owed(ctx: Context, session: CurrentSession) -> bool:
    """Tell whether the session's person has not accepted the version in force."""
    return accounts.owes_terms(ctx, session.account_id)


def ask(ctx: Context, return_to: str) -> ResponseReturnValue:
    """Lead to the page that shows the terms, and from there to a page of ours."""
    with writing(ctx.db):
        transaction = transactions.begin(ctx, current_browser().digest, return_to=return_to)
    return redirect_303(PATH, tx=transaction.handle)
