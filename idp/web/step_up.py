"""Step-up: a second factor shown lately, before somebody changes how they sign in (case MF-10)."""

from datetime import timedelta

from flask.typing import ResponseReturnValue

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.sessions.service import CurrentSession
from idp.web.browser_session import current_browser
from idp.web.pages import redirect_303
from idp.web.transactions import service as transactions


def is_fresh(ctx: Context, session: CurrentSession) -> bool:
    """Tell whether the session's second factor was shown within the policy's time."""
    longest = timedelta(seconds=ctx.policies.session.step_up_seconds)
    return session.factor_time is not None and ctx.now() < session.factor_time + longest


def ask(ctx: Context, session: CurrentSession, return_to: str) -> ResponseReturnValue:
    """Lead through a whole sign-in of the same person and then to a page of ours.

    The session goes on with a new cookie (case SE-01); an application notices nothing.
    """
    with writing(ctx.db):
        transaction = transactions.begin(ctx, current_browser().digest, return_to=return_to)
        transactions.save(ctx, transaction, step_up=True, sign_in_name=session.username)
    return redirect_303("/sign-in", tx=transaction.handle)
