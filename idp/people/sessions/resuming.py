"""What is left of a session that ended by itself: going on with the password alone.

NIST SP 800-63B-4 section 2.2.3: after the inactivity timeout, but before the overall one, a
password is enough together with the session's secret. So it is the same browser's cookie that
counts, once, and what the former session was worth is what the next one is worth.
"""

from dataclasses import dataclass

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.ids import secret_hash
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import SIGN_IN_STATES
from idp.people.accounts.service import Account
from idp.people.credentials import passwords
from idp.people.sessions import rules, store
from idp.people.sessions.model import SessionRow
from idp.people.sessions.service import Opened, end_session, open_session


@dataclass(frozen=True, slots=True)
class Paused:
    """A session that ended by itself in this browser, and whose it was.

    can_go_on: whether the password alone is enough.
    """

    session_id: str
    account_id: str
    username: str
    can_go_on: bool


def find_paused(ctx: Context, secret: str) -> Paused | None:
    """Return the session of a cookie's secret if time alone ended it, else None.

    Its person must still be allowed to sign in, and nothing may have happened since that ends
    sessions (a new password, "this wasn't me", a suspension).
    """
    pair = store.by_secret_hash(ctx.db, secret_hash(secret))
    if pair is None:
        return None
    row, account = pair
    idle = ctx.policies.session.idle_seconds
    by_now = rules.is_over(row.last_action_at, row.overall_ends_at, idle, ctx.now())
    reason = row.end_reason or by_now
    is_distrusted = rules.is_distrusted(row.last_action_at, account.grants_end_before)
    if reason not in {"idle", "overall"} or is_distrusted or account.state not in SIGN_IN_STATES:
        return None
    can_go_on = rules.may_go_on(row.amr, row.overall_ends_at, ctx.now())
    return Paused(row.id, account.id, account.username, can_go_on)


def go_on(ctx: Context, paused: Paused) -> Opened | None:
    """Open the session that follows a paused one, after the right password; inside `writing`.

    It has a secret and a `sid` of its own, for the applications were told that the former ended;
    methods, times and the overall end are those of the former, so whoever asks for a sign-in or a
    factor of late asks anew. None when it was done before: it can be done once; or when something
    ended all sessions meanwhile, which is asked again now that nobody can.
    """
    account = accounts.hold(ctx, paused.account_id)
    if account is None or not _may_go_on(ctx, paused, account):
        return None
    end_session(ctx, paused.session_id, "idle")  # unless the worker did, so that it is told
    former = store.claim_idle(ctx.db, paused.session_id, ctx.now())
    if former is None:
        return None
    opened = open_session(
        ctx,
        account,
        amr=former.amr,
        auth_time=former.auth_time,
        factor_time=former.factor_time,
        overall_ends_at=former.overall_ends_at,
    )
    record(ctx, Event.SESSION_RESUMED, subject_id=paused.account_id, actor_id=paused.account_id)
    return opened


def _may_go_on(ctx: Context, paused: Paused, account: Account) -> bool:
    if account.state not in SIGN_IN_STATES or passwords.must_be_reset(ctx, account.id):
        return False
    row = ctx.db.get(SessionRow, paused.session_id, populate_existing=True)
    return row is not None and not rules.is_distrusted(
        row.last_action_at, account.grants_end_before
    )
