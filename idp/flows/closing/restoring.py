"""Bringing back an archived account by the link to its mailbox."""

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts import dormancy
from idp.people.accounts import service as accounts
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.service import Purpose
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

DEAD_LINK = Refused("link_dead")


def can_restore(ctx: Context, transaction: Transaction) -> bool:
    """Tell whether the kept link would restore an account; asking uses nothing up."""
    peeked = mailed_codes.peek_link(ctx, transaction, Purpose.ACCOUNT_RESTORE)
    account = accounts.get(ctx, peeked.subject) if peeked else None
    return account is not None and account.state == "archived"


def restore(ctx: Context, transaction: Transaction) -> Transaction | Refused:
    """Restore the account by the kept link; `Refused`: link_dead, or address_taken.

    The link is used up either way: the service desk helps when the address is taken.
    """
    with writing(ctx.db):
        redeemed = mailed_codes.redeem_link(ctx, transaction, Purpose.ACCOUNT_RESTORE)
        if isinstance(redeemed, Refused):
            return DEAD_LINK
        restored = dormancy.restore(ctx, redeemed.subject)
        if isinstance(restored, Refused):
            return restored
        spent = mailed_codes.spent(Purpose.ACCOUNT_RESTORE)
        return transactions.save(ctx, transaction, account_restored=True, **spent)


def is_restored(transaction: Transaction) -> bool:
    """Tell whether this tab has just restored an account."""
    return bool(transaction.progress.get("account_restored"))
