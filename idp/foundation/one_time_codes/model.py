"""Rows of mailed codes and links, and of how often an address was written to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, JSONText, UTCDateTime
from idp.foundation.policy_models.one_time_codes import Purpose

PURPOSES = tuple(purpose.value for purpose in Purpose)


class OneTimeCode(Base):
    """One mail's code and link. Neither is stored: only hashes that cannot be turned back."""

    __tablename__ = "one_time_code"
    __table_args__ = (
        CheckConstraint(f"purpose IN {PURPOSES}", name="purpose_known"),
        Index(None, "transaction_id", "purpose", "id"),
        Index(None, "subject", "purpose"),
        Index(None, "purge_after"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32))
    transaction_id: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64))
    code_hash: Mapped[str] = mapped_column(String(64))
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    tries: Mapped[int] = mapped_column(default=0)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    code_ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    link_ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    consumed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    purge_after: Mapped[datetime] = mapped_column(UTCDateTime)


class CodeMailCount(Base):
    """When code mails went to one address: the moments of the last day, in seconds."""

    __tablename__ = "code_mail_count"
    __table_args__ = (Index(None, "purge_after"),)

    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    sent_at: Mapped[list[float]] = mapped_column(JSONText)
    purge_after: Mapped[datetime] = mapped_column(UTCDateTime)
