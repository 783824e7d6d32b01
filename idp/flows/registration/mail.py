"""The mails of registration."""

from idp.foundation.context import Context
from idp.foundation.mail.service import send
from idp.foundation.one_time_codes.service import IssuedCode
from idp.foundation.policy_models.one_time_codes import Purpose
from idp.people.accounts.service import Account

_MINUTE, _HOUR = 60, 3600


def verify_email(ctx: Context, issued: IssuedCode, *, to: str, language: str) -> None:
    """Mail the code and the link, inside `writing`.

    Nothing that was typed stands in it: anybody can type any name for any address (case ML-01).
    """
    lives = ctx.policies.one_time_codes.lives[Purpose.EMAIL_VERIFICATION]
    values = {
        "code": issued.code,
        "link_token": issued.link_token,
        "code_minutes": lives.code_seconds // _MINUTE,
        "link_hours": lives.link_seconds // _HOUR,
    }
    send(ctx, "verify_email", to=to, language=language, values=values, code_id=issued.id)


def already_registered(ctx: Context, account: Account) -> None:
    """Tell the owner of an address that it has an account, inside `writing` (case RG-01)."""
    values = {"username": account.username}
    send(ctx, "already_registered", to=account.email, language=account.language, values=values)


def welcome(ctx: Context, account: Account) -> None:
    """Tell a person that the account exists, inside `writing`."""
    values = {"username": account.username}
    send(ctx, "welcome", to=account.email, language=account.language, values=values)
