"""What follows from a new password, whichever way it was chosen."""

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes.service import Purpose
from idp.people import notices
from idp.people.accounts.service import Account
from idp.people.credentials import password_locks
from idp.people.sessions import service as sessions
from idp.people.sessions.rules import EndReason


def settle(ctx: Context, account: Account, reason: EndReason, *, keep: str | None = None) -> None:
    """End what the former password opened, and tell the person; inside `writing`.

    Every session but `keep` and everything that applications were granted ends, locks are lifted,
    and a reset that somebody has still asked for is void (ASVS 5.0 V7.4.3; case RC-08). Browsers
    that are recognised stay so. reason: password_reset or password_changed.
    """
    password_locks.clear(ctx, account)
    one_time_codes.void_all(ctx, Purpose.PASSWORD_RESET, subject=account.id)
    sessions.end_all(ctx, account.id, reason, keep=keep)
    record(
        ctx,
        Event.PASSWORD_CHANGED,
        subject_id=account.id,
        actor_id=account.id,
        changes={"cause": reason},
    )
    notices.tell(ctx, account, "password_changed", disavowable=True)
