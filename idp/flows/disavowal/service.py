"""Protecting an account whose owner says that it was somebody else."""

from dataclasses import dataclass
from datetime import datetime

from idp.flows.disavowal import mail, words
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people import notices
from idp.people.accounts import freezing, lifecycle
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.browsers import service as browsers
from idp.people.credentials import passwords
from idp.people.email_changes import service as email_changes
from idp.people.lost_factors import service as lost_factors
from idp.people.sessions import service as sessions
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
    with writing(ctx.db):
        redeemed = mailed_codes.redeem_link(ctx, transaction, Purpose.DISAVOWAL)
        if isinstance(redeemed, Refused):
            return redeemed
        account = accounts.hold(ctx, redeemed.subject)
        if account is None or not _may_be_protected(account):
            return _DEAD
        _protect(ctx, account)
        notice = {"notice": notices.about(redeemed.transaction_id)}
        record(ctx, Event.EVENT_DISAVOWED, subject_id=account.id, changes=notice)
        mail.tell_protected(ctx, account)
        spent = mailed_codes.spent(Purpose.DISAVOWAL)
        return transactions.save(ctx, transaction, disavowed=True, **spent)


def is_done(transaction: Transaction) -> bool:
    """Tell whether this tab has just protected an account."""
    return bool(transaction.progress.get("disavowed"))


def _protect(ctx: Context, account: Account) -> None:
    """Sessions, grants, recognised browsers and the password end; rights and PIN wait.

    What somebody else may have begun stops as well: replacing the factors, closing the account,
    another address.
    """
    lost_factors.cancel_open(ctx, account.id, "disavowed")
    lifecycle.keep(ctx, account.id, "disavowed")
    for change in email_changes.waiting(ctx, account.id):
        email_changes.drop(ctx, change)
    sessions.end_all(ctx, account.id, "disavowed")
    browsers.end_all(ctx, account.id)
    passwords.require_reset(ctx, account.id)
    freezing.freeze(ctx, account, "disavowed")


def _may_be_protected(account: Account) -> bool:
    return account.state != "closed"
