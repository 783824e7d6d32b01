"""Going on with the password alone, in the browser that still has the former cookie."""

from idp.foundation.context import Context
from idp.foundation.results import Refused
from idp.people.credentials import password_check
from idp.people.sessions.resuming import Paused
from idp.people.sessions.service import CurrentSession
from idp.web import resuming
from idp.web.transactions.service import Transaction

OVER = Refused("pause_over")


def go_on(
    ctx: Context, transaction: Transaction, paused: Paused, password: str, browser: str | None
) -> CurrentSession | Refused:
    """Check the password of whoever paused and open the session that follows.

    Counted and locked like a sign-in with the username. browser: the secret by which it is
    recognised. `Refused`: as password_check says; pause_over when this can no longer be done.
    """
    return password_check.check(
        ctx,
        paused.username,
        password,
        lambda account: resuming.go_on(ctx, transaction, account) or OVER,
        browser,
    )
