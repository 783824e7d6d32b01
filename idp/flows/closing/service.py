"""Closing one's own account, and keeping it while that is possible."""

from collections.abc import Sequence
from datetime import datetime

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts import lifecycle
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import canonical_username
from idp.people.email_changes import service as email_changes
from idp.people.rights import handing_over
from idp.people.rights.handing_over import HeldAlone
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.service import Purpose
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

DEAD_LINK = Refused("link_dead")
MUST_HAND_OVER = Refused("must_hand_over")
EMAIL_CHANGED = Refused("email_changed")


def to_hand_over(ctx: Context, account_id: str) -> Sequence[HeldAlone]:
    """Return the roles that a person must hand over before they close their account."""
    return handing_over.held_alone(ctx, account_id)


def email_changed_until(ctx: Context, account_id: str) -> datetime | None:
    """Return until when a new email address can be undone; None when it cannot.

    Until then nothing is closed: its former mailbox, not the new one, may be the owner's.
    """
    return email_changes.undoable_until(ctx, account_id)


def close(ctx: Context, account_id: str, username: str) -> Refused | None:
    """Begin to close an account; every session of it ends, this one too.

    username: as typed. `Refused`: username_wrong; must_hand_over; email_changed; closing_already.
    """
    with writing(ctx.db):
        handing_over.hold(ctx, account_id)
        account = accounts.hold(ctx, account_id)
        if account is None or canonical_username(username) != account.username_key:
            return Refused("username_wrong", "username")
        if handing_over.held_alone(ctx, account_id):
            return MUST_HAND_OVER
        if email_changed_until(ctx, account_id):
            return EMAIL_CHANGED
        is_asked = lifecycle.ask_closing(ctx, account)
        return None if is_asked else Refused("closing_already")


def closes_at(ctx: Context, account_id: str) -> datetime | None:
    """Return when an account is closed for good; None when it is not about to be."""
    account = accounts.get(ctx, account_id)
    return account.closes_at if account else None


def keep(ctx: Context, account_id: str) -> bool:
    """Keep the account of whoever is signed in; False when it was kept or closed meanwhile."""
    with writing(ctx.db):
        return lifecycle.keep(ctx, account_id, "page")


def keepable(ctx: Context, transaction: Transaction) -> datetime | None:
    """Return until when the kept link keeps an account; None when it does not work."""
    peeked = mailed_codes.peek_link(ctx, transaction, Purpose.CLOSING_UNDO)
    closing = closes_at(ctx, peeked.subject) if peeked else None
    return closing if closing and ctx.now() < closing else None


def keep_by_link(ctx: Context, transaction: Transaction) -> Transaction | Refused:
    """Keep the account by the kept link; `Refused`: link_dead."""
    with writing(ctx.db):
        redeemed = mailed_codes.redeem_link(ctx, transaction, Purpose.CLOSING_UNDO)
        if isinstance(redeemed, Refused) or not lifecycle.keep(ctx, redeemed.subject, "link"):
            return DEAD_LINK
        spent = mailed_codes.spent(Purpose.CLOSING_UNDO)
        return transactions.save(ctx, transaction, account_kept=True, **spent)


def is_kept(transaction: Transaction) -> bool:
    """Tell whether this tab has just kept an account."""
    return bool(transaction.progress.get("account_kept"))
