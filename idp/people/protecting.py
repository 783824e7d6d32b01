"""What follows when an owner says that somebody else was in the account, whichever way they did."""

from datetime import datetime

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.people.accounts import freezing, lifecycle
from idp.people.accounts.service import Account
from idp.people.browsers import service as browsers
from idp.people.credentials import factors, passwords
from idp.people.email_changes import service as email_changes
from idp.people.lost_factors import service as lost_factors
from idp.people.sessions import service as sessions


def protect(ctx: Context, account: Account, cause: str, since: datetime) -> None:
    """Sessions, grants, recognised browsers and the password end; rights and PIN wait; `writing`.

    What somebody else may have begun stops as well: replacing the factors, closing the account,
    another address. cause: the notice, or the change, that was not the owner's doing. since: when
    that was; no authenticator that was added from then on works any more.
    """
    lost_factors.cancel_open(ctx, account.id, "disavowed")
    lifecycle.keep(ctx, account.id, "disavowed")
    for change in email_changes.waiting(ctx, account.id):
        email_changes.drop(ctx, change)
    sessions.end_all(ctx, account.id, "disavowed")
    browsers.end_all(ctx, account.id)
    factors.stop_since(ctx, account.id, since)
    passwords.require_reset(ctx, account.id)
    freezing.freeze(ctx, account, "disavowed")
    record(ctx, Event.EVENT_DISAVOWED, subject_id=account.id, changes={"notice": cause})
