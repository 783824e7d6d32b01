"""What a person may see of their own account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import masked_email
from idp.people.consents import service as consents
from idp.people.consents.rules import in_order
from idp.people.consents.words import WORDS


@dataclass(frozen=True, slots=True)
class Overview:
    """Who the person is here."""

    name: str
    username: str
    account_type: str
    email: str
    is_email_verified: bool


@dataclass(frozen=True, slots=True)
class Application:
    """An application that the person allowed something. wants: marked texts."""

    id: str
    name: str
    wants: Sequence[str]
    given_at: datetime


def overview(ctx: Context, account_id: str) -> Overview:
    """Return the account page's facts, the address masked; LookupError without an account."""
    account = accounts.get(ctx, account_id)
    if account is None:
        raise LookupError("a session without its account")
    return Overview(
        name=f"{account.first_name} {account.last_name}",
        username=account.username,
        account_type=account.account_type,
        email=masked_email(account.email),
        is_email_verified=account.email_verified_at is not None,
    )


def applications(ctx: Context, account_id: str) -> list[Application]:
    """Return what the person allows applications at present, the newest first."""
    return [
        Application(
            id=consent.id,
            name=consent.client_names.get(ctx.language) or consent.client_names["en"],
            wants=[WORDS[scope] for scope in in_order(consent.scopes)],
            given_at=consent.given_at,
        )
        for consent in consents.listed(ctx, account_id)
    ]


def withdraw(ctx: Context, account_id: str, consent_id: str) -> bool:
    """Take a permission of this person back; False when there is none of theirs by this key."""
    with writing(ctx.db):
        return consents.withdraw(ctx, account_id, consent_id)
