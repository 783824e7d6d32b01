"""Mails of unlocking."""

from idp.foundation.context import Context
from idp.people import notices
from idp.people.accounts.service import Account


def tell_unlocked(ctx: Context, account: Account) -> None:
    """Say that the password works again; inside `writing`."""
    notices.tell(ctx, account, "unlocked", disavowable=True)
