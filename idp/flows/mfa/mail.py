"""Mails about second factors: whoever did not do it learns of it (SP 800-63B-4 section 4.6)."""

from idp.foundation.context import Context
from idp.people import notices
from idp.people.accounts.service import Account
from idp.people.credentials.factors import Kind


def tell_added(ctx: Context, account: Account, kind: Kind, name: str) -> None:
    """Say that an authenticator app or a passkey was added; inside `writing`."""
    if kind == "totp":
        _tell(ctx, account, "mfa_app_added", app_name=name)
    else:
        _tell(ctx, account, "mfa_passkey_added", passkey_name=name)


def tell_codes_replaced(ctx: Context, account: Account) -> None:
    """Say that there are new recovery codes and the old ones are dead; inside `writing`."""
    _tell(ctx, account, "mfa_recovery_codes_replaced")


def tell_passkey_stopped(ctx: Context, account: Account, name: str) -> None:
    """Say that a passkey no longer works, because it seems to be copied; inside `writing`."""
    _tell(ctx, account, "mfa_passkey_stopped", passkey_name=name)


def tell_recovery_code_used(ctx: Context, account: Account, left: int) -> None:
    """Say that a recovery code was used and how many are left; inside `writing`."""
    is_few = left <= ctx.policies.mfa.recovery_codes_reminder
    _tell(ctx, account, "mfa_recovery_code_used", left=left, is_few=is_few)


def tell_apps_disabled(ctx: Context, account: Account) -> None:
    """Say that the apps no longer work after too many wrong codes; inside `writing`."""
    _tell(ctx, account, "mfa_apps_disabled")


def _tell(ctx: Context, account: Account, template: str, **values: object) -> None:
    notices.tell(ctx, account, template, disavowable=True, **values)
