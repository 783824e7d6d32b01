"""Rows of consents."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, JSONText, UTCDateTime

_IN_FORCE = text("withdrawn_at IS NULL")


class Consent(Base):
    """What one person allowed one application; a withdrawn one is kept, a new one is a new row.

    So whatever rests on a consent names it by its key and dies with it. client_names: as shown
    then, by language. words_version: of the texts that the person read.
    """

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "uq_consent_in_force",
            "account_id",
            "client_id",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    client_id: Mapped[str] = mapped_column(String(128))
    client_names: Mapped[dict[str, str]] = mapped_column(JSONText)
    scopes: Mapped[list[str]] = mapped_column(JSONText)
    words_version: Mapped[str] = mapped_column(String(32))
    given_at: Mapped[datetime] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
