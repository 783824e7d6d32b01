"""The terms of use stand before every page of a signed-in person, and before every application.

The version that was accepted comes with the account at each request, so that a new one is shown
at once, and once.
"""

from flask.typing import ResponseReturnValue

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.sessions.service import CurrentSession
from idp.web.browser_session import current_browser
from idp.web.pages import redirect_303
from idp.web.transactions import service as transactions

PATH = "/terms/accept"


def are_owed(ctx: Context, session: CurrentSession) -> bool:
    """Tell whether the session's person has not accepted the version in force."""
    return session.terms_version != ctx.policies.accounts.terms_version


def ask(ctx: Context, return_to: str) -> ResponseReturnValue:
    """Lead to the page that shows the terms, and from there to a page of ours."""
    with writing(ctx.db):
        transaction = transactions.begin(ctx, current_browser().digest, return_to=return_to)
    return redirect_303(PATH, tx=transaction.handle)
