"""Mails about second factors: whoever did not do it learns of it (SP 800-63B-4 section 4.6)."""

from idp.foundation.context import Context
from idp.people import notices
from idp.people.accounts.service import Account


def tell_app_added(ctx: Context, account: Account, app_name: str) -> None:
    """Say that an authenticator app was added; inside `writing`."""
    _tell(ctx, account, "mfa_app_added", app_name=app_name)


def tell_recovery_code_used(ctx: Context, account: Account, left: int) -> None:
    """Say that a recovery code was used and how many are left; inside `writing`."""
    is_few = left <= ctx.policies.mfa.recovery_codes_reminder
    _tell(ctx, account, "mfa_recovery_code_used", left=left, is_few=is_few)


def tell_apps_disabled(ctx: Context, account: Account) -> None:
    """Say that the apps no longer work after too many wrong codes; inside `writing`."""
    _tell(ctx, account, "mfa_apps_disabled")


def _tell(ctx: Context, account: Account, template: str, **values: object) -> None:
    notices.tell(ctx, account, template, **values)
