"""Rows of pushed requests."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, JSONText, UTCDateTime


class PushedRequestRow(Base):
    """The checked parameters of a request; its request_uri as a SHA-256 only."""

    __tablename__ = "oidc_pushed_request"

    uri_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oidc_client.client_id"))
    parameters: Mapped[dict[str, str]] = mapped_column(JSONText)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
