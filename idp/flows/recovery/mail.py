"""Mails of unlocking."""

from idp.foundation.context import Context
from idp.foundation.mail.service import send
from idp.foundation.one_time_codes.service import IssuedCode
from idp.foundation.policy_models.one_time_codes import Purpose
from idp.people import notices
from idp.people.accounts.service import Account


def send_code(ctx: Context, account: Account | None, issued: IssuedCode) -> None:
    """Queue the code and link; inside `writing`.

    Without an account the same row is queued for nobody: its code is void, so the worker drops
    it and nothing is sent. Known and unknown names cost the same (case RC-11).
    """
    life = ctx.policies.one_time_codes.lives[Purpose.UNLOCK]
    send(
        ctx,
        "unlock_code",
        to=account.email if account else ctx.settings.mail.address,
        language=account.language if account else ctx.language,
        values={
            "username": account.username if account else "",
            "code": issued.code,
            "token": issued.link_token,
            "minutes": life.code_seconds // 60,
        },
        code_id=issued.id,
    )


def tell_unlocked(ctx: Context, account: Account) -> None:
    """Say that the password works again; inside `writing`."""
    notices.tell(ctx, account, "unlocked")
