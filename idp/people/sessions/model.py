"""Rows of sessions and of the applications that take part in them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, JSONText, UTCDateTime

_LIVE = text("ended_at IS NULL")


class SessionRow(Base):
    """One single sign-on session; the cookie's secret is kept as its SHA-256 only."""

    __tablename__ = "session"
    __table_args__ = (
        Index(
            "ix_session_last_action_at_live",
            "last_action_at",
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_session_account_id_ended_at", "account_id", "ended_at"),
        Index("ix_session_ended_at", "ended_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    sid: Mapped[str] = mapped_column(String(43), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    amr: Mapped[list[str]] = mapped_column(JSONText)
    acr: Mapped[str] = mapped_column(String(64))
    auth_time: Mapped[datetime] = mapped_column(UTCDateTime)
    factor_time: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_action_at: Mapped[datetime] = mapped_column(UTCDateTime)
    overall_ends_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    end_reason: Mapped[str | None] = mapped_column(String(32))
    ip: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(256))


class SessionClient(Base):
    """An application that was given tokens in a session: it is told when the session ends."""

    __tablename__ = "session_client"

    session_id: Mapped[str] = mapped_column(
        ForeignKey("session.id", ondelete="CASCADE"), primary_key=True
    )
    client_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    attached_at: Mapped[datetime] = mapped_column(UTCDateTime)
    # By language, for the person's list of sessions.
    client_names: Mapped[dict[str, str] | None] = mapped_column(JSONText)
