"""Mails about a lost second factor: to both addresses at each step, each with a way to stop it."""

from datetime import datetime

from idp.foundation.context import Context
from idp.foundation.mail.service import send
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes.service import Purpose
from idp.people import notice_links, notices
from idp.people.accounts.service import Account
from idp.people.lost_factors.model import LostFactor


def tell_asked(ctx: Context, account: Account, row: LostFactor) -> None:
    """Say that the wait has begun, until when, and how to stop it; inside `writing`."""
    token = notice_links.make(ctx, Purpose.MFA_RECOVERY_CANCEL, row.id)
    notices.tell(ctx, account, "recovery_asked", ready_at=row.ready_at, cancel_token=token)


def send_link(ctx: Context, account: Account, row: LostFactor, until: datetime) -> None:
    """Mail the second link to the proven address alone, and word of it to the other; `writing`."""
    issued = one_time_codes.issue(
        ctx, Purpose.MFA_REPLACEMENT, transaction_id=row.id, subject=row.id
    )
    cancel_token = notice_links.make(ctx, Purpose.MFA_RECOVERY_CANCEL, row.id)
    values = {"username": account.username, "until": until, "cancel_token": cancel_token}
    send(
        ctx,
        "recovery_ready",
        to=account.email,
        language=account.language,
        values={**values, "token": issued.link_token},
        code_id=issued.id,
    )
    if account.notification_email:
        send(
            ctx,
            "recovery_ready_elsewhere",
            to=account.notification_email,
            language=account.language,
            values=values,
        )


def tell_cancelled(ctx: Context, account: Account, by: str) -> None:
    """Say that nothing is replaced, and what stopped it; inside `writing`."""
    notices.tell(ctx, account, "recovery_cancelled", disavowable=True, by=by)


def tell_expired(ctx: Context, account: Account) -> None:
    """Say that the second link was not used in time; inside `writing`."""
    notices.tell(ctx, account, "recovery_expired")


def tell_completed(ctx: Context, account: Account) -> None:
    """Say that every former factor has ended; inside `writing`."""
    notices.tell(ctx, account, "recovery_completed", disavowable=True)
