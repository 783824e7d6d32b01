"""Rows of lost second factors."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, UTCDateTime

STATES = ("waiting", "ready", "cancelled", "completed", "expired")
_OPEN = "state IN ('waiting', 'ready')"


class LostFactor(Base):
    """One recovery of an account whose owner has no factor left.

    waiting: until `ready_at`; ready: the second link was mailed and works until `expires_at`.
    cancelled_by: link, page, factor (a sign-in with the old one), disavowed ("this wasn't me").
    """

    __tablename__ = "lost_factor"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state_known"),
        Index(
            "uq_lost_factor_open",
            "account_id",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index(None, "account_id", "asked_at"),
        Index(None, "state", "ready_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ready_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancelled_by: Mapped[str | None] = mapped_column(String(16))
