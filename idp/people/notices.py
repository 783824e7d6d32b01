"""Notices: whoever did not do it learns of it, at every address (NIST SP 800-63B-4 section 4.6)."""

from collections.abc import Iterable

from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.foundation.mail.service import send
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.policy_models.one_time_codes import Purpose
from idp.people.accounts.service import Account

_LONGEST_NAME = 64  # of a code's transaction


def tell(
    ctx: Context,
    account: Account,
    template: str,
    also_to: Iterable[str] = (),
    /,
    *,
    disavowable: bool = False,
    **values: object,
) -> None:
    """Queue a notice to the account's address and to its second one; inside `writing`.

    The template gets username, happened_at (a moment) and disavow_token besides the values.
    disavowable: the mail carries the link "this wasn't me", which the template shows by including
    macros/disavow.html and .txt. also_to: addresses that were the account's until now; whoever
    reads them learns of it, and gets no link.
    """
    facts = {"username": account.username, "happened_at": ctx.now(), "disavow_token": None}
    present = (account.email, account.notification_email)
    for address in dict.fromkeys(filter(None, (*present, *also_to))):
        link = _link(ctx, account, template) if disavowable and address in present else None
        send(
            ctx,
            template,
            to=address,
            language=account.language,
            values={**facts, **values} | ({"disavow_token": link.link_token} if link else {}),
            code_id=link.id if link else None,
            # Whoever has said "this wasn't me" already must still learn of everything else.
            goes_without="disavow_token" if link else None,
        )


def about(transaction_id: str) -> str:
    """Return the template of the notice that a link "this wasn't me" was mailed with."""
    return transaction_id.partition(":")[2]


def _link(ctx: Context, account: Account, template: str) -> one_time_codes.IssuedCode:
    """Make a link for one notice; its made-up transaction tells the page what it is about."""
    about_it = f"{new_id()}:{template}"[:_LONGEST_NAME]
    return one_time_codes.issue(ctx, Purpose.DISAVOWAL, transaction_id=about_it, subject=account.id)
