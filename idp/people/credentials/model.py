"""Rows of credentials: passwords, apps, passkeys, recovery codes, and counters of tries."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, JSONText, UTCDateTime


class Password(Base):
    """The password of an account: an Argon2id hash over a peppered value."""

    __tablename__ = "password"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    # Since then it signs nobody in: it must be reset by mail first ("this wasn't me", the desk).
    must_reset_since: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PastPassword(Base):
    """A password that was used before."""

    __tablename__ = "past_password"
    __table_args__ = (Index("ix_past_password_account_id_created_at", "account_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class TotpApp(Base):
    """One authenticator app; its secret is sealed, bound to this row.

    last_step is the newest accepted time step: a code works once (RFC 6238 §5.2).
    """

    __tablename__ = "totp_app"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    secret_sealed: Mapped[str] = mapped_column(Text)
    last_step: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Passkey(Base):
    """One WebAuthn credential (W3C Web Authentication Level 3); only its public key is here.

    sign_count: as the authenticator last told; one that does not rise means a copy (section 6.1.1).
    """

    __tablename__ = "passkey"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    transports: Mapped[list[str]] = mapped_column(JSONText)
    is_synced: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RecoveryCode(Base):
    """One recovery code, as a keyed hash bound to its account; works once."""

    __tablename__ = "recovery_code"
    __table_args__ = (
        Index("uq_recovery_code_account_id_code_hash", "account_id", "code_hash", unique=True),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AttemptCounter(Base):
    """Failures counted against one thing: a typed identifier, or a person's password or factors.

    The key is a keyed hash, so that the table names nobody; one row for each thing, whatever
    node answers (security principle 4).
    """

    __tablename__ = "attempt_counter"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    failures: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    last_failed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    locks: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
