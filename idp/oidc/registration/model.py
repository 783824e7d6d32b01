"""Rows of initial access tokens."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, UTCDateTime


class RegistrationTokenRow(Base):
    """What allows a developer to register clients: so many, until then (RFC 7591 §1.2)."""

    __tablename__ = "oidc_registration_token"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    label: Mapped[str] = mapped_column(String(200))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    uses_left: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
