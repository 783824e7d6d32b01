"""Protecting an account whose owner says that it was somebody else."""

from dataclasses import dataclass
from datetime import datetime

from idp.flows.disavowal import mail, words
from idp.foundation.context import Context
from idp.foundation.one_time_codes.service import Peeked
from idp.foundation.results import Refused
from idp.foundation.retrying import trying_again
from idp.people import notices, protecting
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.email_changes import service as email_changes
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.service import Purpose
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

_DEAD = Refused("code_not_accepted")


@dataclass(frozen=True, slots=True)
class Told:
    """What the mail with the link told of, to whom and when. what: marked text."""

    username: str
    what: str
    happened_at: datetime


def told(ctx: Context, transaction: Transaction) -> Told | None:
    """Return what the kept link is about; None when it does not work. Uses nothing up (RG-11)."""
    peeked = mailed_codes.peek_link(ctx, transaction, Purpose.DISAVOWAL)
    account = accounts.get(ctx, peeked.subject) if peeked else None
    if peeked is None or account is None or not _may_be_protected(account):
        return None
    about = words.told_of(notices.about(peeked.transaction_id))
    return Told(account.username, about, peeked.issued_at)


def disavow(ctx: Context, transaction: Transaction) -> Transaction | Refused:
    """End everything that somebody else may hold, and let nobody in before a reset.

    `Refused`: code_not_accepted when the link was used, or is too old. Every other link of the
    account's notices ends with it: there is nothing left for them to end.
    """
    return trying_again(ctx, lambda: _disavow(ctx, transaction))


def _disavow(ctx: Context, transaction: Transaction) -> Transaction | Refused:
    peeked = mailed_codes.peek_link(ctx, transaction, Purpose.DISAVOWAL)
    redeemed = mailed_codes.redeem_link(ctx, transaction, Purpose.DISAVOWAL)
    if peeked is None or isinstance(redeemed, Refused):
        return _DEAD
    account = accounts.hold(ctx, redeemed.subject)
    if account is None or not _may_be_protected(account):
        return _DEAD
    _protect(ctx, account, peeked)
    spent = mailed_codes.spent(Purpose.DISAVOWAL)
    return transactions.save(ctx, transaction, disavowed=True, **spent)


def _protect(ctx: Context, account: Account, peeked: Peeked) -> None:
    """Give former addresses back first, so that every mail of this goes to their owner."""
    before = (account.email, account.notification_email)
    email_changes.undo_all(ctx, account)
    cause = notices.about(peeked.transaction_id)
    protecting.protect(ctx, account, cause, peeked.issued_at)
    mail.tell_protected(ctx, account, before)


def is_done(transaction: Transaction) -> bool:
    """Tell whether this tab has just protected an account."""
    return bool(transaction.progress.get("disavowed"))


def _may_be_protected(account: Account) -> bool:
    return account.state != "closed"
