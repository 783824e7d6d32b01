"""Who is signed in, as pages see it; and the last step of every sign-in."""

from collections.abc import Sequence
from datetime import datetime

from flask import g
from sqlalchemy import event

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people import notices
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import SIGN_IN_STATES
from idp.people.accounts.service import Account
from idp.people.browsers.words import name_of
from idp.people.credentials import passwords
from idp.people.lost_factors import service as lost_factors
from idp.people.sessions import service as sessions
from idp.people.sessions.service import CurrentSession
from idp.web import known_browser, language
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction


def current_session() -> CurrentSession | None:
    """Return who is signed in in this browser, asked of the database once a request."""
    if "current_session" not in g:
        browser = current_browser()
        found = None
        if browser.came_with_cookie:
            found = sessions.find_current(current_context(), browser.secret)
        g.current_session = found
    found_session: CurrentSession | None = g.current_session
    return found_session


def count_activity() -> CurrentSession | None:
    """Note that the person acted now; return the session as it is then."""
    session = current_session()
    if session is None:
        return None
    ctx = current_context()
    with writing(ctx.db):
        g.current_session = sessions.record_activity(ctx, session.id)
    return current_session()


def open_for(
    ctx: Context,
    transaction: Transaction,
    account: Account,
    *,
    amr: Sequence[str],
    auth_time: datetime,
    factor_time: datetime | None,
) -> CurrentSession | None:
    """Finish a transaction with a new session in this browser; inside `writing`.

    None when the transaction was finished by another request meanwhile, or the account may not
    be signed in to any more. A session of the same person goes on with a new cookie; one of
    somebody else ends ("replaced"). The browser is recognised from now on.
    """
    former = current_session()
    if not _may_open(ctx, account) or not transactions.complete(ctx, transaction):
        return None
    before = accounts.note_sign_in(ctx, account)
    if factor_time is not None:
        lost_factors.cancel_open(ctx, account.id, "factor")
    opened, browser = None, known_browser.remember(ctx, account.id)
    if former is not None and former.account_id == account.id:
        opened = sessions.renew_session(
            ctx, former.id, amr=amr, auth_time=auth_time, factor_time=factor_time
        )
    elif former is not None:
        sessions.end_session(ctx, former.id, "replaced")
    if opened is None:
        opened = sessions.open_session(
            ctx, account, amr=amr, auth_time=auth_time, factor_time=factor_time
        )
    how = {"amr": list(amr), "acr": opened.session.acr, "is_new_device": browser.is_new}
    record(ctx, Event.SIGN_IN_SUCCEEDED, subject_id=account.id, actor_id=account.id, changes=how)
    went_on = former is not None and former.id == opened.session.id
    if browser.is_new and before and not went_on:
        _tell_of_new_browser(ctx, account)
    give_new_cookie(ctx, opened.secret)
    language.follow(account.language)
    g.current_session = opened.session
    return opened.session


def _may_open(ctx: Context, account: Account) -> bool:
    """Ask once more, now that nobody can end the account's sessions at the same moment."""
    held = accounts.hold(ctx, account.id)
    is_open = held is not None and held.state in SIGN_IN_STATES
    return is_open and not passwords.must_be_reset(ctx, account.id)


def _tell_of_new_browser(ctx: Context, account: Account) -> None:
    """Mail that somebody signed in where nobody did before (OWASP ASVS 5.0 V6.3.5)."""
    name = name_of(ctx.origin.user_agent, account.language)
    notices.tell(
        ctx, account, "new_sign_in", disavowable=True, browser=name, ip=ctx.origin.ip or ""
    )


def give_new_cookie(ctx: Context, secret: str | None = None) -> None:
    """Replace the browser's cookie and take its transactions along; inside `writing`."""
    browser = current_browser()
    old = browser.digest
    browser.replace(secret)
    # Only what is committed is sent: after a failure, or before another try, the browser has the
    # cookie that it came with.
    event.listen(ctx.db, "after_commit", lambda _session: browser.settle(), once=True)
    event.listen(ctx.db, "after_rollback", lambda _session: take_back(), once=True)
    transactions.rebind(ctx, old, browser.digest)


def replace_cookie(ctx: Context) -> None:
    """Replace the browser's cookie (case SE-01), and let the session go on; inside `writing`."""
    session = current_session()
    give_new_cookie(ctx, sessions.rekey(ctx, session.id) if session else None)


def take_back() -> None:
    """Give up a new cookie, and who would be signed in by it: their rows were rolled back."""
    if current_browser().reset():
        g.pop("current_session", None)


def sign_out() -> None:
    """End this browser's session, if it has one, and give it a fresh anonymous cookie."""
    session = current_session()
    ctx = current_context()
    with writing(ctx.db):
        if session is not None:
            sessions.end_session(ctx, session.id, "sign_out")
        current_browser().replace()
    current_browser().settle()
    g.current_session = None
