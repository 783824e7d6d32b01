"""Rows of grants and their tokens; every code and token as its SHA-256 only (case DB-01)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, JSONText, UTCDateTime


class GrantRow(Base):
    """One successful authorization: its code, what the code is bound to, and how it ended.

    It is also the family of every token that comes from the code: revoking it revokes them all.
    auth_time, amr and acr are those of the moment of the authorization, because a refreshed ID
    token repeats them (OpenID Connect Core §12.2).

    is_offline: it outlives its session (Core §11). consent_id: the consent it rests on, None where
    none is asked for. claims: what was asked for one by one (Core §5.5), by place. resource: whom
    its access tokens are for (RFC 8707), None: this provider.
    """

    __tablename__ = "oidc_grant"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oidc_client.client_id"), index=True)
    session_id: Mapped[str | None] = mapped_column(
        ForeignKey("session.id", ondelete="SET NULL"), index=True
    )
    account_id: Mapped[str] = mapped_column(String(36))
    sub: Mapped[str] = mapped_column(String(64))
    sid: Mapped[str] = mapped_column(String(43))
    scope: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str | None] = mapped_column(Text)
    auth_time: Mapped[datetime] = mapped_column(UTCDateTime)
    amr: Mapped[list[str]] = mapped_column(JSONText)
    acr: Mapped[str] = mapped_column(String(64))
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    redirect_uri: Mapped[str] = mapped_column(Text)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_challenge: Mapped[str | None] = mapped_column(String(128))
    code_expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    redeemed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_because: Mapped[str | None] = mapped_column(String(32))
    is_offline: Mapped[bool]
    consent_id: Mapped[str | None] = mapped_column(String(36))
    claims: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    authorization_details: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONText)
    resource: Mapped[str | None] = mapped_column(Text)


class TokenRow(Base):
    """An access or refresh token of a grant.

    A refresh token is used up by having successors: the unique constraint lets one pair of them
    be stored, whatever arrives at once and wherever. resource: whom an access token is for where
    that is not this provider (RFC 8707); then it is a JWT, and token_hash is that of its `jti`.
    """

    __tablename__ = "oidc_token"
    __table_args__ = (
        CheckConstraint("kind IN ('access', 'refresh')", name="kind_known"),
        UniqueConstraint("predecessor_id", "kind", name="uq_oidc_token_successor"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    grant_id: Mapped[str] = mapped_column(
        ForeignKey("oidc_grant.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(8))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(Text)
    resource: Mapped[str | None] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    predecessor_id: Mapped[str | None] = mapped_column(String(36))


class ClientTokenRow(Base):
    """An access token that a program was given in its own name (RFC 6749 §4.4): of nobody."""

    __tablename__ = "oidc_client_token"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("oidc_client.client_id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(Text)
    resource: Mapped[str | None] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
