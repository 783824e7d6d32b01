"""The mail that follows "this wasn't me"."""

from collections.abc import Iterable

from idp.foundation.context import Context
from idp.people import notices
from idp.people.accounts.service import Account


def tell_protected(ctx: Context, account: Account, before: Iterable[str]) -> None:
    """Say that everything was ended and how to get back in; inside `writing`.

    before: the addresses until now, should one have been given back.
    """
    notices.tell(ctx, account, "disavowed", before)
