"""Rows of role assignments and of rights granted one by one."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, JSONText, UTCDateTime

_IN_FORCE = text(
    "ended_at IS NULL AND role IN ('office_administrator', 'backup_office_administrator')"
)


class RoleAssignment(Base):
    """A role that a person holds at an organization, with rights beside those of the role."""

    __tablename__ = "role_assignment"
    __table_args__ = (
        # Exactly one Office Administrator and at most one Backup for each provider.
        Index(
            "uq_role_assignment_office",
            "organization_id",
            "role",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
        Index("ix_role_assignment_account_id", "account_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"), index=True)
    role: Mapped[str] = mapped_column(String(40))
    rights: Mapped[list[str]] = mapped_column(JSONText)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    granted_by: Mapped[str | None] = mapped_column(String(36))
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
