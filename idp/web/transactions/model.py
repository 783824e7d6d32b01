"""Rows of transactions."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, JSONText, UTCDateTime


class TransactionRow(Base):
    """One tab's way from where it came from to where it goes; bound to one browser."""

    __tablename__ = "flow_transaction"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    handle_hash: Mapped[str] = mapped_column(String(64), unique=True)
    browser_hash: Mapped[str] = mapped_column(String(64), index=True)
    return_to: Mapped[str] = mapped_column(Text)
    client: Mapped[dict[str, str] | None] = mapped_column(JSONText)
    authorization: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    progress: Mapped[dict[str, Any]] = mapped_column(JSONText)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
