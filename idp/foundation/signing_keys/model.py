"""Rows of signing keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, JSONText, UTCDateTime

STATES = ("published", "active", "retired", "withdrawn")


class SigningKeyRow(Base):
    """One key pair; the private half is sealed, bound to this row."""

    __tablename__ = "signing_key"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state_known"),
        Index(
            "uq_signing_key_active",
            "alg",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
    )

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    alg: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSONText)
    private_sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    activated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
