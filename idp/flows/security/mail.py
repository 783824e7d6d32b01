"""Mails about changed authenticators (SP 800-63B-4 section 4.6)."""

from idp.foundation.context import Context
from idp.people import notices
from idp.people.accounts.service import Account
from idp.people.credentials.factors import Factor


def tell_renamed(ctx: Context, account: Account, factor: Factor, name: str) -> None:
    """Say that an authenticator has another name; inside `writing`."""
    notices.tell(
        ctx, account, "mfa_renamed", disavowable=True, former_name=factor.name, new_name=name
    )


def tell_removed(ctx: Context, account: Account, factor: Factor) -> None:
    """Say that an authenticator no longer signs anybody in; inside `writing`."""
    notices.tell(
        ctx, account, "mfa_removed", disavowable=True, kind=factor.kind, factor_name=factor.name
    )
