"""The development mailbox: what is kept instead of being sent where no mail server is named."""

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.ids import new_id
from idp.foundation.mail.message import body_of, recipient_of
from idp.foundation.mail.model import DevelopmentMail

_KEPT = 500


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A message in the mailbox."""

    id: str
    to: str
    subject: str
    message_id: str
    received_at: datetime
    text: str
    html: str


class MailboxTransport:
    """Keeps messages in the database, sealed; a repeated hand-over keeps one."""

    def hand_over(self, ctx: Context, message: EmailMessage) -> None:
        """Keep the message."""
        row_id, message_id = new_id(), str(message["Message-ID"])
        content = ctx.sealing.seal(message.as_bytes(), bound_to=_bound_to(row_id))
        with writing(ctx.db):
            if ctx.db.scalar(select(DevelopmentMail.id).filter_by(message_id=message_id)):
                return
            row = DevelopmentMail(
                id=row_id, message_id=message_id, content=content, received_at=ctx.now()
            )
            ctx.db.add(row)
            _forget_oldest(ctx.db)


def newest(ctx: Context, limit: int = 100, to: str | None = None) -> list[KeptMail]:
    """Return what the mailbox holds, the newest first; to: only for one address."""
    rows = ctx.db.scalars(
        select(DevelopmentMail).order_by(DevelopmentMail.id.desc()).limit(_KEPT)
    ).all()
    mails = [_opened(ctx, row) for row in rows]
    wanted = (to or "").casefold()
    return [mail for mail in mails if not wanted or mail.to.casefold() == wanted][:limit]


def one(ctx: Context, mail_id: str) -> KeptMail | None:
    """Return one message, or None when it is not there."""
    row = ctx.db.get(DevelopmentMail, mail_id)
    return None if row is None else _opened(ctx, row)


def _opened(ctx: Context, row: DevelopmentMail) -> KeptMail:
    raw = ctx.sealing.open(row.content, bound_to=_bound_to(row.id))
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return KeptMail(
        id=row.id,
        to=recipient_of(message),
        subject=str(message["Subject"]),
        message_id=row.message_id,
        received_at=row.received_at,
        text=body_of(message, "plain"),
        html=body_of(message, "html"),
    )


def _forget_oldest(session: Session) -> None:
    kept = select(DevelopmentMail.id).order_by(DevelopmentMail.id.desc()).limit(_KEPT)
    session.execute(delete(DevelopmentMail).where(DevelopmentMail.id.not_in(kept)))


def _bound_to(row_id: str) -> str:
    return f"development_mail:content:{row_id}"
