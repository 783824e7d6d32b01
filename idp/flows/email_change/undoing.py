"""Undoing a change of address by the link that its former mailbox got (case RC-14).

Who undoes says that somebody else was in the account: so it is protected as after "this wasn't
me", and its password is reset by mail, to the address that is back.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeGuard

from idp.flows.email_change import mail
from idp.foundation.context import Context
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.results import Refused
from idp.foundation.retrying import trying_again
from idp.people import protecting
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import LIVE_STATES
from idp.people.accounts.service import Account
from idp.people.email_changes import service as email_changes
from idp.people.email_changes.service import EmailChange
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.service import Purpose
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

_DONE = "undone_email_change"


@dataclass(frozen=True, slots=True)
class Told:
    """What a link would undo. is_made: an address comes back; else the change is given up."""

    kind: str
    is_made: bool


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of undoing. taken: the former address belongs to another account by now."""

    kind: str
    outcome: Literal["restored", "stopped", "taken"]


def told(ctx: Context, transaction: Transaction) -> Told | None:
    """Return what the kept link would undo; None when it does not work. Uses nothing up (RG-11)."""
    peeked = mailed_codes.peek_link(ctx, transaction, Purpose.EMAIL_CHANGE_UNDO)
    change = email_changes.get(ctx, peeked.subject) if peeked else None
    account = accounts.get(ctx, change.account_id) if change else None
    if change is None or not _is_live(account):
        return None
    return Told(change.kind, _is_made(account, change))


def undo(ctx: Context, transaction: Transaction) -> Refused | None:
    """Undo the change of the kept link; `Refused`: code_not_accepted."""
    return trying_again(ctx, lambda: _undo(ctx, transaction))


def undone(transaction: Transaction) -> Undone | None:
    """Return what came of undoing in this tab; None before it."""
    done: dict[str, Any] | None = transaction.progress.get(_DONE)
    return Undone(**done) if done else None


def _undo(ctx: Context, transaction: Transaction) -> Refused | None:
    redeemed = mailed_codes.redeem_link(ctx, transaction, Purpose.EMAIL_CHANGE_UNDO)
    if isinstance(redeemed, Refused):
        return redeemed
    change = email_changes.get(ctx, redeemed.subject)
    account = accounts.hold(ctx, change.account_id) if change else None
    if change is None or not _is_live(account):
        return one_time_codes.NOT_ACCEPTED
    done: dict[str, Any] = {_DONE: asdict(_restore(ctx, account, change))}
    transactions.save(ctx, transaction, **done, **mailed_codes.spent(Purpose.EMAIL_CHANGE_UNDO))
    return None


def _restore(ctx: Context, account: Account, change: EmailChange) -> Undone:
    """Restore the address and protect the account."""
    before = (account.email, account.notification_email)
    # What was mailed to the addresses of before must not end anything any more.
    one_time_codes.void_all(ctx, Purpose.DISAVOWAL, subject=account.id)
    refused = email_changes.undo(ctx, account, change)
    protecting.protect(ctx, account, "email_change", change.asked_at)
    now = (account.email, account.notification_email)
    mail.tell_undone(ctx, account, (*before, *now), is_taken=refused is not None)
    if refused:
        return Undone(change.kind, "taken")
    return Undone(change.kind, "stopped" if now == before else "restored")


def _is_made(account: Account, change: EmailChange) -> bool:
    return email_changes.address_of(account, change.kind) != change.old_email


def _is_live(account: Account | None) -> TypeGuard[Account]:
    return account is not None and account.state in LIVE_STATES
