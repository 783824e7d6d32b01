"""Rows of accounts, registrations that wait for their mailbox, and accepted terms."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.database import Base, JSONText, UTCDateTime
from idp.people.accounts.rules import ACCOUNT_TYPES, LIVE_STATES, STATES

_LIVE = f"state IN {LIVE_STATES}"


class Account(Base):
    """One person's account.

    `sub` is random, never changes and is never given to anybody else (OpenID Connect Core §8).
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state_known"),
        CheckConstraint(f"account_type IN {ACCOUNT_TYPES}", name="account_type_known"),
        # One living account for each mailbox; archived ones may share it (NCID's duplicates).
        Index(
            "uq_account_email_key_live",
            "email_key",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        Index("ix_account_email_key", "email_key"),
        Index(None, "closes_at"),
        Index(None, "restore_asked_at"),
        Index(None, "state", "last_signed_in_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    sub: Mapped[str] = mapped_column(String(36), unique=True)
    username: Mapped[str] = mapped_column(String(64))
    username_key: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(320))
    email_key: Mapped[str] = mapped_column(String(320))
    email_verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    account_type: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    prefix: Mapped[str] = mapped_column(String(16), default="")
    first_name: Mapped[str] = mapped_column(String(100))
    middle_initial: Mapped[str] = mapped_column(String(8), default="")
    last_name: Mapped[str] = mapped_column(String(100))
    suffix: Mapped[str] = mapped_column(String(16), default="")
    mobile_number: Mapped[str] = mapped_column(String(20), default="")
    business_name: Mapped[str] = mapped_column(String(200), default="")
    business_role: Mapped[str] = mapped_column(String(100), default="")
    address: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    language: Mapped[str] = mapped_column(String(8), default="en")
    # Claims of OpenID Connect Core §5.1 that no form here asks for: nickname, birthdate and others.
    standard_claims: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    # What applications were granted until then is over (password change, sign-out everywhere).
    grants_end_before: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Of the newest terms that were accepted; each acceptance has a row of its own.
    terms_version: Mapped[str] = mapped_column(String(32), default="")
    # A second address, proven, that every notice goes to as well; "" when there is none.
    notification_email: Mapped[str] = mapped_column(String(320), default="")
    last_signed_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Rights and PIN are worth nothing while it is set (a lost factor was replaced, "not me").
    frozen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    freeze_reason: Mapped[str | None] = mapped_column(String(32))
    # Until then no authenticator is added or removed and no address changed (reset by the desk).
    mfa_hold_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # When a closing that its owner asked for becomes final.
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # When somebody wanted it back while it was archived; until the worker sends the link.
    restore_asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # How many mails about a long silence went out since the last sign-in.
    dormant_notices: Mapped[int] = mapped_column(default=0)
    # When the newest of them did; of no meaning while there is none.
    dormant_noticed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Registration(Base):
    """What an unproven person typed; becomes an account only when the mailbox is proven.

    Its username is not reserved, and nothing of it touches an account that exists.
    """

    __tablename__ = "registration"
    # Two forms sent at once leave one row, and so one code that works.
    __table_args__ = (UniqueConstraint("transaction_id", "email_key"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    transaction_id: Mapped[str] = mapped_column(String(64))
    email_key: Mapped[str] = mapped_column(String(320), index=True)
    details_sealed: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class TermsAcceptance(Base):
    """Which version of the terms of use a person accepted, and when."""

    __tablename__ = "terms_acceptance"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    version: Mapped[str] = mapped_column(String(32), primary_key=True)
    accepted_at: Mapped[datetime] = mapped_column(UTCDateTime)
