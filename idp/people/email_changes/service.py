"""Changing an address: asked for, proven at the new mailbox, undone at the old one (case RC-14).

Functions that change something are called inside `writing`. The link that undoes lives as long as
the policy of its purpose says; it restores what was there when the change was asked for, whatever
was asked for later, so that two quick changes do not shake off the owner of the first mailbox.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes.service import Purpose
from idp.foundation.results import Refused
from idp.people.accounts import registrations
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import canonical_email, masked_email
from idp.people.accounts.service import Account
from idp.people.email_changes import store
from idp.people.email_changes.model import EmailChange

__all__ = [
    "EmailChange",
    "Kind",
    "ask",
    "confirm",
    "drop",
    "find_waiting",
    "get",
    "undo",
    "undo_all",
    "undoable_until",
    "waiting",
]

Kind = Literal["primary", "notification"]
# Longer than any link of a change lives; the addresses of others have no business here for longer.
_KEPT = timedelta(days=30)


def waiting(ctx: Context, account_id: str) -> Sequence[EmailChange]:
    """Return what an account waits for, its own address first."""
    return store.waiting(ctx.db, account_id)


def find_waiting(ctx: Context, account_id: str, change_id: str) -> EmailChange | None:
    """Return a change of this account that still waits; None for anybody else's."""
    found = store.get(ctx.db, change_id)
    is_theirs = found is not None and found.account_id == account_id
    return found if is_theirs and found is not None and found.state == "waiting" else None


def ask(ctx: Context, account: Account, kind: Kind, new_email: str) -> EmailChange:
    """Keep that somebody wants another address; an earlier wish of the kind is over.

    new_email: as mail goes to it. Two at once end in an IntegrityError of the second.
    """
    for former in store.waiting(ctx.db, account.id):
        if former.kind == kind:
            drop(ctx, former)
    change = EmailChange(
        id=new_id(),
        account_id=account.id,
        kind=kind,
        state="waiting",
        old_email=address_of(account, kind),
        new_email=new_email,
        asked_at=ctx.now(),
    )
    ctx.db.add(change)
    ctx.db.flush()
    _record(ctx, Event.EMAIL_CHANGE_ASKED, change, address=masked_email(new_email))
    return change


def get(ctx: Context, change_id: str) -> EmailChange | None:
    """Return a change in whatever state: for a link that was mailed for it."""
    return store.get(ctx.db, change_id)


def drop(ctx: Context, change: EmailChange) -> bool:
    """Give up a change that waits: its code and link work no longer; tell whether it waited."""
    if not store.end(ctx.db, change.id, "waiting", "dropped", ctx.now()):
        return False
    one_time_codes.void_all(ctx, Purpose.EMAIL_CHANGE, subject=change.id)
    _record(ctx, Event.EMAIL_CHANGE_DROPPED, change)
    return True


def confirm(ctx: Context, account: Account, change: EmailChange, method: str) -> Refused | None:
    """Make the proven address the account's; `Refused`: change_over, email_taken.

    method: "code" or "link". Somebody else may have taken the address meanwhile: two at the same
    moment end in an IntegrityError of the second, whose use case then runs again.
    """
    life = ctx.policies.one_time_codes.lives[Purpose.EMAIL_CHANGE_UNDO]
    undo_until = ctx.now() + timedelta(seconds=life.link_seconds)
    if not store.confirm(ctx.db, change.id, ctx.now(), undo_until):
        return Refused("change_over")
    if refused := _put(ctx, account, change.kind, change.new_email):
        store.end(ctx.db, change.id, "confirmed", "dropped", ctx.now())
        return refused
    # What others typed for this address to register with it is worth nothing from now on.
    registrations.forget_address(ctx, change.new_email)
    _record(ctx, Event.EMAIL_CHANGED, change, address=masked_email(change.new_email), method=method)
    return None


def undo(ctx: Context, account: Account, change: EmailChange) -> Refused | None:
    """Restore the addresses of before a change, and end what was asked for since, of either kind.

    `Refused` email_taken when that address belongs to somebody else meanwhile. Whatever comes of
    it, the caller protects the account: who undoes says that somebody else is in it.
    """
    later = store.since(ctx.db, change)
    made = [one for one in later if one.state == "confirmed" and one.id != change.id]
    for one in later:
        _end(ctx, one)
    return _restore(ctx, account, [change, *made])


def undoable_until(ctx: Context, account_id: str) -> datetime | None:
    """Return until when a change of the account's own address can be undone; None for none."""
    made = store.undoable(ctx.db, account_id, ctx.now())
    moments = [one.undo_until for one in made if one.kind == "primary" and one.undo_until]
    return max(moments, default=None)


def undo_all(ctx: Context, account: Account) -> None:
    """Restore the addresses of before every change that can still be undone.

    For whoever says "this wasn't me": otherwise the reset would go to somebody else's mailbox.
    """
    made = store.undoable(ctx.db, account.id, ctx.now())
    for one in made:
        _end(ctx, one)
    _restore(ctx, account, made)


def forget_old(ctx: Context, limit: int = 500) -> int:
    """Delete a batch of changes that no link leads to any more; return how many; in `writing`."""
    return store.forget(ctx.db, ctx.now() - _KEPT, limit)


def address_of(account: Account, kind: str) -> str:
    """Return the account's own address or its second one; "" for none."""
    return account.email if kind == "primary" else account.notification_email


def _end(ctx: Context, change: EmailChange) -> None:
    if not drop(ctx, change):
        store.end(ctx.db, change.id, "confirmed", "undone", ctx.now())
    one_time_codes.void_all(ctx, Purpose.EMAIL_CHANGE_UNDO, subject=change.id)


def _restore(ctx: Context, account: Account, changes: Sequence[EmailChange]) -> Refused | None:
    """Give back what was there before the first change of each kind."""
    refused = None
    first = {one.kind: one for one in reversed(changes)}
    for kind in sorted(first, reverse=True):  # the account's own address first
        if failed := _put(ctx, account, kind, first[kind].old_email):
            refused = failed
        else:
            masked = masked_email(first[kind].old_email)
            _record(ctx, Event.EMAIL_CHANGE_UNDONE, first[kind], address=masked)
    return refused


def _put(ctx: Context, account: Account, kind: str, email: str) -> Refused | None:
    if kind == "notification":
        accounts.change(ctx, account, {"notification_email": email})
        return None
    if refused := accounts.move_to_email(ctx, account, email):
        return refused
    if canonical_email(account.notification_email) == account.email_key:
        accounts.change(ctx, account, {"notification_email": ""})
    return None


def _record(ctx: Context, event: Event, change: EmailChange, **more: str) -> None:
    record(ctx, event, subject_id=change.account_id, changes={"kind": change.kind, **more})
