"""Replacing a lost second factor: a day's wait in which anybody concerned can stop it.

NIST SP 800-63B-4 section 4.2: password and mailbox are the two proofs, and the wait with its
notices takes the place of a third. Functions that change something are called inside `writing`.
Each step is one statement on the row's state: of a cancelling and a completing at the same moment
one wins.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from idp.foundation.audit.events import Event, Outcome
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes.service import Purpose
from idp.foundation.results import Refused
from idp.people.accounts import freezing
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.browsers import service as browsers
from idp.people.credentials import factors
from idp.people.lost_factors import mail, rules
from idp.people.lost_factors.model import LostFactor
from idp.people.sessions import service as sessions

__all__ = ["By", "LostFactor", "ask", "cancel", "cancel_open", "complete", "open_of"]

By = Literal["link", "page", "factor", "disavowed"]
_BATCH = 50


def open_of(ctx: Context, account_id: str) -> LostFactor | None:
    """Return the recovery of an account that waits, or whose second link still works."""
    return ctx.db.scalar(
        select(LostFactor).where(LostFactor.account_id == account_id, _is_open(ctx))
    )


def get(ctx: Context, lost_factor_id: str) -> LostFactor | None:
    """Return a recovery by its key, whatever became of it."""
    return ctx.db.get(LostFactor, lost_factor_id)


def refusal(ctx: Context, account: Account) -> Refused | None:
    """Return why no recovery begins for an account, or None; see rules.refusal."""
    policy = ctx.policies.mfa
    since = ctx.now() - timedelta(seconds=policy.recoveries_within_seconds)
    recent = ctx.db.scalar(
        select(func.count(LostFactor.id)).where(
            LostFactor.account_id == account.id, LostFactor.asked_at > since
        )
    )
    key = rules.refusal(
        account.state,
        is_open=open_of(ctx, account.id) is not None,
        recent=recent or 0,
        most=policy.recoveries,
    )
    return Refused(key) if key else None


def ask(ctx: Context, account: Account) -> LostFactor | Refused:
    """Begin the wait for a person who proved password and mailbox; `Refused`: see rules."""
    ctx.db.refresh(account, with_for_update=True)  # two at once: the second sees the first
    _expire(ctx, LostFactor.account_id == account.id)
    if refused := refusal(ctx, account):
        record(
            ctx,
            Event.RECOVERY_ASKED,
            outcome=Outcome.DENIED,
            subject_id=account.id,
            actor_id=account.id,
            reason=refused.key,
        )
        return refused
    delay = timedelta(seconds=ctx.policies.mfa.recovery_delay_seconds)
    row = LostFactor(
        id=new_id(),
        account_id=account.id,
        state="waiting",
        asked_at=ctx.now(),
        ready_at=ctx.now() + delay,
    )
    ctx.db.add(row)
    ctx.db.flush()
    until = {"ready_at": row.ready_at.isoformat()}
    record(ctx, Event.RECOVERY_ASKED, subject_id=account.id, actor_id=account.id, changes=until)
    mail.tell_asked(ctx, account, row)
    return row


def cancel(ctx: Context, lost_factor_id: str, by: By) -> bool:
    """Stop a recovery; tell whether it was this call that did."""
    return _cancel(ctx, LostFactor.id == lost_factor_id, by)


def cancel_open(ctx: Context, account_id: str, by: By) -> bool:
    """Stop an account's recovery, if one is open; tell whether it was this call that did."""
    return _cancel(ctx, LostFactor.account_id == account_id, by)


def complete(ctx: Context, lost_factor_id: str) -> Account | None:
    """End every former factor of a recovery whose second link was used.

    The person enrols a new one next. Sessions and recognised browsers end, rights and PIN rest
    until somebody confirms who it is; `sub`, consents and grants go on. None when it was
    cancelled, replaced or too late.
    """
    row = get(ctx, lost_factor_id)
    account = accounts.hold(ctx, row.account_id) if row else None
    if account is None or account.state != "active":
        return None
    is_ready = and_(LostFactor.state == "ready", LostFactor.expires_at > ctx.now())
    if not _move(ctx, "completed", LostFactor.id == lost_factor_id, is_ready):
        return None
    one_time_codes.void_all(ctx, Purpose.MFA_RECOVERY_CANCEL, subject=lost_factor_id)
    factors.remove_all(ctx, account.id)
    accounts.set_state(ctx, account, "pending_mfa")
    sessions.end_sessions(ctx, account.id, "factors_replaced")
    browsers.end_all(ctx, account.id)
    freezing.freeze(ctx, account, "recovery")
    record(ctx, Event.RECOVERY_COMPLETED, subject_id=account.id, actor_id=account.id)
    mail.tell_completed(ctx, account)
    return account


def send_links(ctx: Context, limit: int = _BATCH) -> int:
    """Mail the second link of a batch of recoveries whose wait is over; return how many."""
    life = ctx.policies.one_time_codes.lives[Purpose.MFA_REPLACEMENT]
    until = ctx.now() + timedelta(seconds=life.link_seconds)
    due = (LostFactor.state == "waiting", LostFactor.ready_at <= ctx.now())
    batch = select(LostFactor.id).where(*due).limit(limit)
    rows = _move(ctx, "ready", LostFactor.id.in_(batch), *due, expires_at=until)
    for row in rows:
        account = _owner(ctx, row)
        record(
            ctx,
            Event.RECOVERY_READY,
            subject_id=account.id,
            changes={"until": until.isoformat()},
        )
        mail.send_link(ctx, account, row, until)
    return len(rows)


def expire(ctx: Context, limit: int = _BATCH) -> int:
    """End a batch of recoveries whose second link was not used; return how many."""
    batch = select(LostFactor.id).where(*_is_overdue(ctx)).limit(limit)
    return _expire(ctx, LostFactor.id.in_(batch))


def _cancel(ctx: Context, which: ColumnElement[bool], by: By) -> bool:
    stopped = _move(ctx, "cancelled", which, _is_open(ctx), cancelled_by=by)
    for row in stopped:
        for purpose in (Purpose.MFA_REPLACEMENT, Purpose.MFA_RECOVERY_CANCEL):
            one_time_codes.void_all(ctx, purpose, subject=row.id)
        account = _owner(ctx, row)
        record(ctx, Event.RECOVERY_CANCELLED, subject_id=account.id, changes={"by": by})
        mail.tell_cancelled(ctx, account, by)
    return bool(stopped)


def _expire(ctx: Context, which: ColumnElement[bool]) -> int:
    rows = _move(ctx, "expired", which, *_is_overdue(ctx))
    for row in rows:
        account = _owner(ctx, row)
        record(ctx, Event.RECOVERY_EXPIRED, subject_id=account.id)
        mail.tell_expired(ctx, account)
    return len(rows)


def _move(
    ctx: Context, state: str, *which: ColumnElement[bool], **values: object
) -> Sequence[LostFactor]:
    """Move recoveries to another state in one statement; return those that this call moved."""
    ended_at = None if state == "ready" else ctx.now()
    return ctx.db.scalars(
        update(LostFactor)
        .where(*which)
        .values(state=state, ended_at=ended_at, **values)
        .returning(LostFactor)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).all()


def _is_open(ctx: Context) -> ColumnElement[bool]:
    return or_(
        LostFactor.state == "waiting",
        and_(LostFactor.state == "ready", LostFactor.expires_at > ctx.now()),
    )


def _is_overdue(ctx: Context) -> tuple[ColumnElement[bool], ...]:
    return (LostFactor.state == "ready", LostFactor.expires_at <= ctx.now())


def _owner(ctx: Context, row: LostFactor) -> Account:
    """Return whose recovery it is; a recovery has no row without its account."""
    account = accounts.get(ctx, row.account_id)
    if account is None:
        raise LookupError("a recovery without its account")
    return account
