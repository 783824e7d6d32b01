"""What a person may see of their own account."""

from collections.abc import Sequence
from dataclasses import dataclass

from idp.foundation.context import Context
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import masked_email
from idp.people.credentials import recovery_codes, totp
from idp.people.credentials.totp import App


@dataclass(frozen=True, slots=True)
class Overview:
    """Who the person is here."""

    name: str
    username: str
    account_type: str
    email: str
    is_email_verified: bool


@dataclass(frozen=True, slots=True)
class Factors:
    """What the person can sign in with besides the password."""

    apps: Sequence[App]
    recovery_codes_left: int
    are_codes_few: bool


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


def factors(ctx: Context, account_id: str) -> Factors:
    """Return the apps and how many recovery codes are left."""
    left = recovery_codes.left(ctx, account_id)
    few = left <= ctx.policies.mfa.recovery_codes_reminder
    return Factors(totp.list_apps(ctx, account_id), left, few)
