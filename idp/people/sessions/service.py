"""Use of sessions: one clock for the whole single sign-on session.

Functions that change something are called inside `writing`. Ending a session queues a notice for
every application that takes part in it, in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.ids import new_id, new_secret, secret_hash
from idp.foundation.outbox.service import enqueue
from idp.people.accounts import rules as account_rules
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.sessions import rules, store
from idp.people.sessions.model import SessionRow

LOGOUT_NOTICE = "backchannel_logout"
_KEPT_AFTER_END = timedelta(days=30)
_LONGEST_USER_AGENT = 256


@dataclass(frozen=True, slots=True)
class CurrentSession:
    """A living session and who it belongs to, as of one moment."""

    id: str
    sid: str
    account_id: str
    sub: str
    username: str
    name: str
    account_type: str
    # "closing" while its owner may still keep an account that they closed.
    account_state: str
    language: str
    terms_version: str
    amr: tuple[str, ...]
    acr: str
    auth_time: datetime
    factor_time: datetime | None
    last_action_at: datetime
    idle_ends_at: datetime
    overall_ends_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session, and the secret that goes into its cookie and nowhere else."""

    session: CurrentSession
    secret: str


def open_session(
    ctx: Context,
    account: Account,
    *,
    amr: Sequence[str],
    auth_time: datetime,
    factor_time: datetime | None,
    overall_ends_at: datetime | None = None,
) -> Opened:
    """Open a session for a person who has just proved who they are; inside `writing`.

    amr: RFC 8176 names of what was really used; auth_time: when the password (or passkey) was
    right. The overall limit counts from now, unless the session follows another one.
    """
    secret = new_secret()
    longest = timedelta(seconds=ctx.policies.session.overall_seconds)
    row = SessionRow(
        id=new_id(),
        sid=new_secret(),
        secret_hash=secret_hash(secret),
        account_id=account.id,
        amr=list(amr),
        acr=rules.acr_of(amr),
        auth_time=auth_time,
        factor_time=factor_time,
        created_at=ctx.now(),
        last_action_at=ctx.now(),
        overall_ends_at=overall_ends_at or ctx.now() + longest,
        ip=ctx.origin.ip,
        user_agent=(ctx.origin.user_agent or "")[:_LONGEST_USER_AGENT],
    )
    ctx.db.add(row)
    ctx.db.flush()
    how = {"amr": list(amr), "acr": row.acr}
    record(ctx, Event.SESSION_STARTED, subject_id=account.id, actor_id=account.id, changes=how)
    return Opened(_current(ctx, row, account), secret)


def renew_session(
    ctx: Context,
    session_id: str,
    *,
    amr: Sequence[str],
    auth_time: datetime,
    factor_time: datetime | None,
) -> Opened | None:
    """Give a session a new secret after its person proved everything again; inside `writing`.

    `sid` stays, so that no application is signed out by a step-up; the old cookie is dead
    (case SE-01) and the overall limit counts anew. None when the session is over.
    """
    pair = store.live_by_id(ctx.db, session_id)
    if pair is None or _alive(ctx, pair) is None:
        return None
    row, account = pair
    secret = new_secret()
    row.secret_hash, row.amr, row.acr = secret_hash(secret), list(amr), rules.acr_of(amr)
    row.auth_time, row.factor_time, row.last_action_at = auth_time, factor_time, ctx.now()
    row.overall_ends_at = ctx.now() + timedelta(seconds=ctx.policies.session.overall_seconds)
    ctx.db.flush()
    record(ctx, Event.SESSION_EXTENDED, subject_id=account.id, actor_id=account.id)
    return Opened(_current(ctx, row, account), secret)


def rekey(ctx: Context, session_id: str) -> str:
    """Give a living session another secret and return it; inside `writing`."""
    secret = new_secret()
    store.rekey(ctx.db, session_id, secret_hash(secret))
    return secret


def find_current(ctx: Context, secret: str) -> CurrentSession | None:
    """Return the living session of a cookie's secret; None: unknown, ended, over, not allowed."""
    return _alive(ctx, store.live_by_secret_hash(ctx.db, secret_hash(secret)))


def find_by_sid(ctx: Context, sid: str) -> CurrentSession | None:
    """Return the living session that applications know as `sid`."""
    return _alive(ctx, store.live_by_sid(ctx.db, sid))


def find_by_id(ctx: Context, session_id: str) -> CurrentSession | None:
    """Return a living session by its key."""
    return _alive(ctx, store.live_by_id(ctx.db, session_id))


def record_activity(
    ctx: Context, session_id: str, acted_at: datetime | None = None
) -> CurrentSession | None:
    """Note an action of the person; inside `writing`.

    acted_at: when it happened, now by default; never later than now, never before the last one.
    Returns the session as it is then; None when it is over: an action does not revive it.
    """
    current = find_by_id(ctx, session_id)
    if current is None:
        return None
    store.record_action(ctx.db, session_id, min(acted_at or ctx.now(), ctx.now()))
    return find_by_id(ctx, session_id)


def end_session(ctx: Context, session_id: str, reason: rules.EndReason) -> bool:
    """End a session and queue the notices to its applications; inside `writing`.

    Tells whether it was this call that ended it: only that one queues notices.
    """
    row = store.end(ctx.db, session_id, reason, ctx.now())
    if row is None:
        return False
    account = accounts.get(ctx, row.account_id)
    for client_id in store.clients_of(ctx.db, session_id):
        sub = account.sub if account else ""
        enqueue(ctx, LOGOUT_NOTICE, {"client_id": client_id, "sid": row.sid, "sub": sub})
    record(ctx, Event.SESSION_ENDED, subject_id=row.account_id, reason=reason)
    return True


def end_all(
    ctx: Context, account_id: str, reason: rules.EndReason, *, keep: str | None = None
) -> int:
    """End every session of an account but `keep`; return how many; inside `writing`.

    What applications were granted so far ends with them, offline access too: whatever makes
    somebody end all sessions is a reason not to trust it.
    """
    accounts.end_grants(ctx, account_id)
    return end_sessions(ctx, account_id, reason, keep=keep)


def end_sessions(
    ctx: Context, account_id: str, reason: rules.EndReason, *, keep: str | None = None
) -> int:
    """Like end_all, but what applications were granted goes on; inside `writing`."""
    ids = [found for found in store.live_ids_of(ctx.db, account_id) if found != keep]
    return sum(end_session(ctx, session_id, reason) for session_id in ids)


def attach_client(
    ctx: Context, session_id: str, client_id: str, names: Mapping[str, str] | None = None
) -> None:
    """Note that an application was given tokens in this session; inside `writing`.

    names: the application's, by language, for the person's own list of sessions.
    """
    store.attach(ctx.db, session_id, client_id, names, ctx.now())


def clients_of(ctx: Context, session_id: str) -> Sequence[str]:
    """Return the applications that take part in a session, ended or not."""
    return store.clients_of(ctx.db, session_id)


def sweep_expired(ctx: Context, limit: int = 200) -> int:
    """End sessions whose time is over, so that their applications are told; inside `writing`."""
    idle_before = ctx.now() - timedelta(seconds=ctx.policies.session.idle_seconds)
    found = store.overdue(ctx.db, idle_before, ctx.now(), limit)
    return sum(
        end_session(ctx, session_id, "overall" if overall <= ctx.now() else "idle")
        for session_id, overall in found
    )


def forget_ended(ctx: Context, limit: int = 500) -> int:
    """Delete a batch of sessions that ended long ago; return how many; inside `writing`."""
    return store.forget_ended(ctx.db, ctx.now() - _KEPT_AFTER_END, limit)


def _alive(ctx: Context, pair: store.Pair | None) -> CurrentSession | None:
    if pair is None:
        return None
    row, account = pair
    idle = ctx.policies.session.idle_seconds
    if rules.is_over(row.last_action_at, row.overall_ends_at, idle, ctx.now()):
        return None
    # Authority is checked at use: a suspended account's sessions are dead at once.
    if account.state not in account_rules.SIGN_IN_STATES:
        return None
    return _current(ctx, row, account)


def _current(ctx: Context, row: SessionRow, account: Account) -> CurrentSession:
    return CurrentSession(
        id=row.id,
        sid=row.sid,
        account_id=account.id,
        sub=account.sub,
        username=account.username,
        name=f"{account.first_name} {account.last_name}",
        account_type=account.account_type,
        account_state=account_rules.CLOSING if account.closes_at else account.state,
        language=account.language,
        terms_version=account.terms_version,
        amr=tuple(row.amr),
        acr=row.acr,
        auth_time=row.auth_time,
        factor_time=row.factor_time,
        last_action_at=row.last_action_at,
        idle_ends_at=rules.idle_ends_at(row.last_action_at, ctx.policies.session.idle_seconds),
        overall_ends_at=row.overall_ends_at,
    )
