"""Rows of the development mailbox; the table stays empty wherever a mail server is configured."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, UTCDateTime


class DevelopmentMail(Base):
    """One message as it would have been handed over; sealed, because it holds codes."""

    __tablename__ = "development_mail"
    __table_args__ = (Index(None, "received_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(320), unique=True)
    content: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
