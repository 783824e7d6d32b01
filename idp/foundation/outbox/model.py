"""Rows of the outbox."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, UTCDateTime


class State(StrEnum):
    """Where a row stands. Parked rows wait for an operator; dropped ones were no longer wanted."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    DROPPED = "dropped"
    PARKED = "parked"


_STATES = tuple(state.value for state in State)
_QUEUED = text("state = 'queued'")


class OutboxRow(Base):
    """One thing to deliver. The payload is sealed, bound to this row, and erased afterwards."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(f"state IN {_STATES}", name="state_known"),
        Index("ix_outbox_due", "due_at", sqlite_where=_QUEUED, postgresql_where=_QUEUED),
        Index(None, "state", "settled_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    payload: Mapped[str | None] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(String(320))
    code_id: Mapped[str | None] = mapped_column(String(36))
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(200))
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class WorkerHeartbeat(Base):
    """When a worker process was last seen working."""

    __tablename__ = "worker_heartbeat"

    worker: Mapped[str] = mapped_column(String(64), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(UTCDateTime)
