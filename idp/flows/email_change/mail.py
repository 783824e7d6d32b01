"""The mails of changing an address: to prove the new one, and to warn at all others."""

from collections.abc import Iterable

from idp.foundation.context import Context
from idp.foundation.mail.service import send
from idp.foundation.one_time_codes.service import IssuedCode, Purpose
from idp.people import notice_links, notices
from idp.people.accounts.rules import masked_email
from idp.people.accounts.service import Account
from idp.people.email_changes.service import EmailChange

_MINUTE, _HOUR = 60, 3600


def send_code(ctx: Context, account: Account, change: EmailChange, issued: IssuedCode) -> None:
    """Mail code and link to the new address; inside `writing`."""
    lives = ctx.policies.one_time_codes.lives[Purpose.EMAIL_CHANGE]
    values = {
        "username": account.username,
        "code": issued.code,
        "token": issued.link_token,
        "code_minutes": lives.code_seconds // _MINUTE,
        "link_hours": lives.link_seconds // _HOUR,
    }
    send(
        ctx,
        "email_change_code",
        to=change.new_email,
        language=account.language,
        values=values,
        code_id=issued.id,
    )


def tell_owner(ctx: Context, owner: Account) -> None:
    """Tell the owner of an address that it has an account already; the asker is not told."""
    values = {"username": owner.username}
    send(ctx, "email_in_use", to=owner.email, language=owner.language, values=values)


def tell_asked(ctx: Context, account: Account, change: EmailChange) -> None:
    """Warn at every present address that a change was asked for, with the link that stops it."""
    present = (account.email, account.notification_email)
    _warn(ctx, "email_change_asked", account, change, present)


def tell_changed(ctx: Context, account: Account, change: EmailChange) -> None:
    """Warn at the former address and every other, with the link that undoes the change.

    The new one is told whose it is now; no link there undoes anything.
    """
    others = {change.old_email, account.email, account.notification_email} - {change.new_email}
    _warn(ctx, "email_changed", account, change, others)
    values: dict[str, object] = {"username": account.username, "kind": change.kind}
    _send_all(ctx, "email_change_confirmed", account, (change.new_email,), values)


def tell_undone(
    ctx: Context, account: Account, addresses: Iterable[str], *, is_taken: bool
) -> None:
    """Say at the addresses of before and of now that a change was undone, or why it was not."""
    values = {"username": account.username, "happened_at": ctx.now(), "is_taken": is_taken}
    _send_all(ctx, "email_change_undone", account, addresses, values)


def tell_removed(ctx: Context, account: Account, email: str) -> None:
    """Say at both addresses that the second one, by now gone, is no longer written to.

    The link "this wasn't me" goes to the account's own address alone.
    """
    gone = masked_email(email)
    template = "second_email_removed"
    notices.tell(ctx, account, template, (email,), disavowable=True, new_email=gone)


def _warn(
    ctx: Context, template: str, account: Account, change: EmailChange, addresses: Iterable[str]
) -> None:
    lives = ctx.policies.one_time_codes.lives[Purpose.EMAIL_CHANGE_UNDO]
    values = {
        "username": account.username,
        "happened_at": ctx.now(),
        "kind": change.kind,
        "new_email": masked_email(change.new_email),
        "undo_token": notice_links.make(ctx, Purpose.EMAIL_CHANGE_UNDO, change.id),
        "undo_hours": lives.link_seconds // _HOUR,
    }
    _send_all(ctx, template, account, addresses, values)


def _send_all(
    ctx: Context,
    template: str,
    account: Account,
    addresses: Iterable[str],
    values: dict[str, object],
) -> None:
    for address in sorted({*addresses} - {""}):
        send(ctx, template, to=address, language=account.language, values=values)
