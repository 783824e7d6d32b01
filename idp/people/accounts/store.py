"""Queries for accounts and registrations."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from idp.people.accounts.model import Account, Registration, TermsAcceptance
from idp.people.accounts.rules import LIVE_STATES


def get(session: Session, account_id: str) -> Account | None:
    """Return an account by its key."""
    return session.get(Account, account_id)


def locked(session: Session, account_id: str) -> Account | None:
    """Return an account as it is now, locked until the transaction ends."""
    return session.get(Account, account_id, with_for_update=True, populate_existing=True)


def by_username(session: Session, username_key: str) -> Account | None:
    """Return the account with a canonical username, in whatever state."""
    return session.scalar(select(Account).where(Account.username_key == username_key))


def by_email(session: Session, email_key: str) -> Account | None:
    """Return the living account of a canonical address."""
    return session.scalar(
        select(Account).where(Account.email_key == email_key, Account.state.in_(LIVE_STATES))
    )


def archived_by_email(session: Session, email_key: str) -> Account | None:
    """Return the account of a canonical address that was archived last."""
    return session.scalar(
        select(Account)
        .where(Account.email_key == email_key, Account.state == "archived")
        .order_by(Account.archived_at.desc())
        .limit(1)
    )


def registration(session: Session, registration_id: str) -> Registration | None:
    """Return a registration that waits for its mailbox."""
    return session.get(Registration, registration_id)


def registration_of(session: Session, transaction_id: str, email_key: str) -> Registration | None:
    """Return the registration that a transaction began for an address."""
    return session.scalar(
        select(Registration).where(
            Registration.transaction_id == transaction_id, Registration.email_key == email_key
        )
    )


def forget_registrations(session: Session, email_key: str) -> None:
    """Delete every waiting registration of an address: its mailbox has been proven."""
    session.execute(delete(Registration).where(Registration.email_key == email_key))


def forget_transaction(session: Session, transaction_id: str) -> None:
    """Delete the waiting registrations of one transaction: it begins anew."""
    session.execute(delete(Registration).where(Registration.transaction_id == transaction_id))


def expired_registrations(session: Session, before: datetime, limit: int) -> list[Registration]:
    """Return waiting registrations that began before a moment, oldest first."""
    return list(
        session.scalars(
            select(Registration)
            .where(Registration.created_at < before)
            .order_by(Registration.created_at)
            .limit(limit)
        )
    )


def terms(session: Session, account_id: str, version: str) -> TermsAcceptance | None:
    """Return the acceptance of a version of the terms."""
    return session.get(TermsAcceptance, (account_id, version))


def all_terms(session: Session, account_id: str) -> Sequence[TermsAcceptance]:
    """Return every acceptance of a person, oldest first."""
    return session.scalars(
        select(TermsAcceptance)
        .where(TermsAcceptance.account_id == account_id)
        .order_by(TermsAcceptance.accepted_at, TermsAcceptance.version)
    ).all()
