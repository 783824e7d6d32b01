"""Notices: whoever did not do it learns of it, at every address (NIST SP 800-63B-4 section 4.6)."""

from idp.foundation.context import Context
from idp.foundation.mail.service import send
from idp.people.accounts.service import Account


def tell(ctx: Context, account: Account, template: str, **values: object) -> None:
    """Queue a notice to the account's address and to its second one; inside `writing`.

    The template gets username and happened_at (a moment) besides the values.
    """
    facts = {"username": account.username, "happened_at": ctx.now(), **values}
    for address in filter(None, (account.email, account.notification_email)):
        send(ctx, template, to=address, language=account.language, values=facts)
