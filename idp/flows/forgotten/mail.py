"""Mails that tell a username, or that there is none to tell."""

from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.foundation.mail.service import send
from idp.people.accounts.service import Account


def tell_username(ctx: Context, owner: Account) -> None:
    """Mail the username to the account's own address; inside `writing`."""
    send(
        ctx,
        "username_reminder",
        to=owner.email,
        language=owner.language,
        values={"username": owner.username},
    )


def tell_no_account(ctx: Context, address: str) -> None:
    """Tell a mailbox that it has no account here; inside `writing`."""
    send(ctx, "no_account", to=address, language=ctx.language, values={})


def tell_nobody(ctx: Context) -> None:
    """Queue a mail that the worker drops, since it names a code that nobody issued.

    For equal work: whether a mail goes out is not to be told from how long the page takes.
    """
    send(
        ctx,
        "username_reminder",
        to=ctx.settings.mail.address,
        language=ctx.language,
        values={"username": ""},
        code_id=new_id(),
    )
