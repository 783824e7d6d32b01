"""Rights and PIN that rest: worth nothing until somebody has confirmed who the person is."""

from typing import Literal

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.people.accounts.model import Account

Reason = Literal["disavowed", "recovery"]


def freeze(ctx: Context, account: Account, reason: Reason) -> None:
    """Let an account's rights and PIN rest, inside `writing`; the first reason stays."""
    if account.frozen_at is None:
        account.frozen_at, account.freeze_reason = ctx.now(), reason
        ctx.db.flush()
        record(ctx, Event.ACCOUNT_FROZEN, subject_id=account.id, changes={"cause": reason})


def unfreeze(ctx: Context, account: Account) -> None:
    """Let them count again, inside `writing`; who may decide so is the caller's business."""
    if account.frozen_at is not None:
        cause = {"cause": account.freeze_reason}
        account.frozen_at = account.freeze_reason = None
        ctx.db.flush()
        record(ctx, Event.ACCOUNT_UNFROZEN, subject_id=account.id, changes=cause)
