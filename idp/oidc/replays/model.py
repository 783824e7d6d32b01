"""Rows of identifiers that were seen."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, UTCDateTime


class UsedJtiRow(Base):
    """One `jti` of one client, of whatever kind of JWT: the primary key lets it in once."""

    __tablename__ = "oidc_used_jti"

    client_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    jti_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
