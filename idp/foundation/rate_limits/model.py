"""Rows of the rate limits."""

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base


class RateLimitWindow(Base):
    """The counts of one key in its present window and the one before; the key is a keyed hash."""

    __tablename__ = "rate_limit_window"
    __table_args__ = (Index(None, "ends_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    current: Mapped[int]
    previous: Mapped[int]
    ends_at: Mapped[int] = mapped_column(BigInteger)
