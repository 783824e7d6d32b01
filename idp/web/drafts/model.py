"""Rows of kept forms."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, UTCDateTime


class KeptForm(Base):
    """What was posted after the session was over: sealed and bound to its owner and its page.

    Never a password, a code or a PIN: those fields are left out before it is sealed.
    """

    __tablename__ = "kept_form"
    __table_args__ = (Index(None, "account_id", "path"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    path: Mapped[str] = mapped_column(String(200))
    fields_sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
