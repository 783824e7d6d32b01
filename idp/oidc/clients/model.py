"""Rows of clients."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, JSONText, UTCDateTime
from idp.oidc.clients.rules import AUTH_METHODS


class ClientRow(Base):
    """One registered client (RFC 7591 §2 names most columns); its secret only as a keyed hash."""

    __tablename__ = "oidc_client"
    __table_args__ = (
        CheckConstraint(f"auth_method IN {AUTH_METHODS}", name="auth_method_known"),
        CheckConstraint(
            "(auth_method IN ('none', 'private_key_jwt')) = (secret_hash IS NULL)",
            name="secret_fits",
        ),
    )

    client_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    names: Mapped[dict[str, str]] = mapped_column(JSONText)
    client_uri: Mapped[str | None] = mapped_column(Text)
    secret_hash: Mapped[str | None] = mapped_column(String(64))
    auth_method: Mapped[str] = mapped_column(String(32))
    grant_types: Mapped[list[str]] = mapped_column(JSONText)
    redirect_uris: Mapped[list[str]] = mapped_column(JSONText)
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(JSONText)
    backchannel_logout_uri: Mapped[str | None] = mapped_column(Text)
    frontchannel_logout_uri: Mapped[str | None] = mapped_column(Text)
    frontchannel_logout_session_required: Mapped[bool]
    initiate_login_uri: Mapped[str | None] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    signing_alg: Mapped[str] = mapped_column(String(16))
    default_acr_values: Mapped[list[str]] = mapped_column(JSONText)
    auth_signing_alg: Mapped[str | None] = mapped_column(String(16))
    userinfo_signing_alg: Mapped[str | None] = mapped_column(String(16))
    resources: Mapped[list[str]] = mapped_column(JSONText)
    serves: Mapped[list[str]] = mapped_column(JSONText)
    registration_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    require_pkce: Mapped[bool]
    first_party: Mapped[bool]
    reports_activity: Mapped[bool]
    application_type: Mapped[str] = mapped_column(String(16))
    subject_type: Mapped[str] = mapped_column(String(16))
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    request_object_signing_alg: Mapped[str | None] = mapped_column(String(16))
    require_pushed: Mapped[bool]
    authorization_details_types: Mapped[list[str]] = mapped_column(JSONText)
    version: Mapped[int]
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
