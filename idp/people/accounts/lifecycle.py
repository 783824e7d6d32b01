"""Closing an account: asked for, kept after all, done.

Functions that change something are called inside `writing`. Each step is one statement, so that of
two people, tabs or workers at once one takes it.
"""

from datetime import timedelta
from typing import Literal

from sqlalchemy import select, update

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes.service import Purpose
from idp.people import notice_links, notices
from idp.people.accounts import tombstone
from idp.people.accounts.model import Account
from idp.people.accounts.rules import SIGN_IN_STATES
from idp.people.sessions import service as sessions

Method = Literal["link", "page", "disavowed"]
_BATCH = 20


def ask_closing(ctx: Context, account: Account) -> bool:
    """Begin to close an account: every session ends, and the owner may keep it for a day.

    Tells whether it was this call that began it.
    """
    closes_at = ctx.now() + timedelta(seconds=ctx.policies.accounts.closing_seconds)
    asked = ctx.db.execute(
        update(Account)
        .where(Account.id == account.id, Account.closes_at.is_(None), Account.state == "active")
        .values(closes_at=closes_at)
        .returning(Account.id)
        .execution_options(synchronize_session=False)
    )
    if asked.first() is None:
        return False
    sessions.end_all(ctx, account.id, "closed")
    until = {"closes_at": closes_at.isoformat()}
    record(
        ctx,
        Event.ACCOUNT_CLOSING_ASKED,
        subject_id=account.id,
        actor_id=account.id,
        changes=until,
    )
    token = notice_links.make(ctx, Purpose.CLOSING_UNDO, account.id)
    notices.tell(ctx, account, "account_closing", closes_at=closes_at, undo_token=token)
    return True


def keep(ctx: Context, account_id: str, method: Method) -> bool:
    """Keep an account that was about to close; tell whether it was this call that did."""
    kept = ctx.db.scalar(
        update(Account)
        .where(
            Account.id == account_id,
            Account.closes_at > ctx.now(),
            Account.state.in_(SIGN_IN_STATES),
        )
        .values(closes_at=None)
        .returning(Account)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if kept is None:
        return False
    one_time_codes.void_all(ctx, Purpose.CLOSING_UNDO, subject=account_id)
    record(
        ctx,
        Event.ACCOUNT_KEPT,
        subject_id=account_id,
        actor_id=account_id,
        changes={"method": method},
    )
    notices.tell(ctx, kept, "account_kept", disavowable=True)
    return True


def close_due(ctx: Context, limit: int = _BATCH) -> int:
    """Close a batch of accounts whose owners did not keep them; return how many."""
    due = select(Account.id).where(Account.closes_at <= ctx.now()).limit(limit)
    claimed = ctx.db.scalars(
        update(Account)
        .where(Account.id.in_(due), Account.closes_at <= ctx.now())
        .values(closes_at=None, state="closed")
        .returning(Account)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).all()
    for account in claimed:
        tombstone.bury(ctx, account, "asked")
    return len(claimed)
