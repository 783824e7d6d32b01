"""Changing one's own password; whoever may do so has just signed in anew (step-up)."""

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people import password_changes
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.credentials import passwords
from idp.people.sessions import service as sessions
from idp.people.sessions.service import CurrentSession
from idp.web.sessions import replace_cookie


def owner(ctx: Context, session: CurrentSession) -> Account:
    """Return whose session it is; LookupError without an account."""
    account = accounts.get(ctx, session.account_id)
    if account is None:
        raise LookupError("a session without its account")
    return account


def change(ctx: Context, session: CurrentSession, password: str) -> bool:
    """Set a judged password; every other session ends, and what applications were granted.

    This one goes on with another cookie: a copy of the former is worth nothing (case SE-01).
    False when this session ended meanwhile, as by a reset: then nothing is changed.
    """
    password_hash = passwords.make_hash(ctx, password)
    with writing(ctx.db):
        if sessions.find_by_id(ctx, session.id) is None:
            return False
        passwords.set_hash(ctx, session.account_id, password_hash)
        account = owner(ctx, session)
        password_changes.settle(ctx, account, "password_changed", keep=session.id)
        replace_cookie(ctx)
        return True
