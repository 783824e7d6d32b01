"""Rights and PIN that rest: worth nothing until somebody has confirmed who the person is."""

from typing import Literal

from idp.foundation.context import Context
from idp.people.accounts.model import Account

Reason = Literal["disavowed", "recovery"]


def freeze(ctx: Context, account: Account, reason: Reason) -> None:
    """Let an account's rights and PIN rest, inside `writing`; the first reason stays."""
    if account.frozen_at is None:
        account.frozen_at, account.freeze_reason = ctx.now(), reason
        ctx.db.flush()
