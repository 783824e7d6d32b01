"""Going on after a pause, as pages see it: whose session in this browser time alone ended.

An application's request may be met this way as well: what the former session was worth is asked
again before a code is issued (`oidc/authorization/sufficiency.py`), and `auth_time` stays that of
the last whole sign-in. A request that itself asks for pages (`prompt`, a session that lives but is
not enough) and a step-up are for the ordinary sign-in.
"""

from flask import g

from idp.foundation.context import Context
from idp.people.accounts.service import Account
from idp.people.sessions import resuming
from idp.people.sessions.resuming import Paused
from idp.people.sessions.service import CurrentSession
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.sessions import current_session, give_new_cookie
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

RESUME = "/session/resume"


def paused_here() -> Paused | None:
    """Return whose session time alone ended in this browser; None while one lives."""
    browser = current_browser()
    if not browser.came_with_cookie or current_session():
        return None
    return resuming.find_paused(current_context(), browser.secret)


def is_enough_for(transaction: Transaction | None) -> bool:
    """Tell whether a transaction may go on with the password alone."""
    if transaction is None:
        return True
    asked = transaction.authorization or {}
    wants_pages = asked.get("prompt") or asked.get("reauthenticate")
    return not wants_pages and not transaction.progress.get("step_up")


def is_offered(transaction: Transaction | None) -> bool:
    """Tell whether the person of this browser may go on with the password alone."""
    if not is_enough_for(transaction):
        return False
    paused = paused_here()
    return paused is not None and paused.can_go_on


def go_on(ctx: Context, transaction: Transaction, account: Account) -> CurrentSession | None:
    """Finish a transaction with the session that follows the paused one; inside `writing`.

    account: whose password was right. None when the pause is over: another tab went on, or
    something happened meanwhile that ends it.
    """
    paused = paused_here()
    if paused is None or not paused.can_go_on or paused.account_id != account.id:
        return None
    if not transactions.complete(ctx, transaction):
        return None
    opened = resuming.go_on(ctx, paused)
    if opened is None:
        return None
    give_new_cookie(ctx, opened.secret)
    g.current_session = opened.session
    return opened.session
