"""Undoing a change of address by the link that its former mailbox got (case RC-14).

Who undoes says that somebody else was in the account: so its sessions and recognised browsers
end, and its password is reset by mail, to the address that is back.
"""

from typing import Any

from idp.flows.email_change import mail
from idp.foundation.context import Context
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.results import Refused
from idp.foundation.retrying import trying_again
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import LIVE_STATES
from idp.people.accounts.service import Account
from idp.people.browsers import service as browsers
from idp.people.credentials import passwords
from idp.people.email_changes import service as email_changes
from idp.people.email_changes.service import EmailChange
from idp.people.sessions import service as sessions
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.service import Purpose
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

_DONE = "email_change_undone"


def undo(ctx: Context, transaction: Transaction) -> Refused | None:
    """Undo the change of the kept link; `Refused`: code_not_accepted."""
    return trying_again(ctx, lambda: _undo(ctx, transaction))


def outcome(transaction: Transaction) -> str | None:
    """Return what came of undoing in this tab: "restored", "taken", or None before it."""
    done: str | None = transaction.progress.get(_DONE)
    return done


def _undo(ctx: Context, transaction: Transaction) -> Refused | None:
    redeemed = mailed_codes.redeem_link(ctx, transaction, Purpose.EMAIL_CHANGE_UNDO)
    if isinstance(redeemed, Refused):
        return redeemed
    change = email_changes.get(ctx, redeemed.subject)
    account = accounts.get(ctx, change.account_id) if change else None
    if change is None or account is None or account.state not in LIVE_STATES:
        return one_time_codes.NOT_ACCEPTED
    done: dict[str, Any] = {_DONE: _restore(ctx, account, change)}
    transactions.save(ctx, transaction, **done, **mailed_codes.spent(Purpose.EMAIL_CHANGE_UNDO))
    return None


def _restore(ctx: Context, account: Account, change: EmailChange) -> str:
    """Restore the address and protect the account; return what came of the address."""
    before = (account.email, account.notification_email)
    refused = email_changes.undo(ctx, account, change)
    sessions.end_all(ctx, account.id, "disavowed")
    browsers.end_all(ctx, account.id)
    passwords.require_reset(ctx, account.id)
    mail.tell_undone(ctx, account, (*before, account.email, account.notification_email))
    return "taken" if refused else "restored"
