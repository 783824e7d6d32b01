"""A person's own changes of address, as the person may read of them."""

from collections.abc import Sequence

from sqlalchemy import select

from idp.foundation.context import Context
from idp.people.email_changes.model import EmailChange


def listed(ctx: Context, account_id: str) -> Sequence[EmailChange]:
    """Return every change that is still kept, open and past, the newest first."""
    return ctx.db.scalars(
        select(EmailChange)
        .where(EmailChange.account_id == account_id)
        .order_by(EmailChange.asked_at.desc(), EmailChange.id)
    ).all()
