"""The mail that follows "this wasn't me"."""

from idp.foundation.context import Context
from idp.people import notices
from idp.people.accounts.service import Account


def tell_protected(ctx: Context, account: Account) -> None:
    """Say that everything was ended and how to get back in; inside `writing`."""
    notices.tell(ctx, account, "disavowed")
