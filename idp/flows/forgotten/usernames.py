"""Mailing a forgotten username: the page always says the same, the mailbox learns the rest."""

from idp.flows.forgotten import mail
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.one_time_codes.spacing import Allowed, may_send
from idp.people.accounts import dormancy
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import deliverable_email
from idp.people.accounts.service import Account
from idp.web.mailed_codes.service import identifier_hash
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

_SHARE, _NO_ACCOUNT_SHARE = "username_reminder", "no_account"


def remind(ctx: Context, transaction: Transaction, email: str) -> Transaction:
    """Mail the username of the living account of an address, or that there is none.

    The owner of an archived one gets the link that brings it back instead.

    email: deliverable, as typed. The names on the form decide nothing: who reads the mailbox may
    know, and nobody else learns anything (cases RC-11, RC-13).
    """
    with writing(ctx.db):
        owner = _owner(ctx, email)
        reason = _send(ctx, owner, email)
        dormancy.ask_restore(ctx, owner.id if owner else "")
        record(
            ctx,
            Event.USERNAME_REMINDED,
            subject_id=owner.id if owner else None,
            reason=reason,
            changes={"identifier_hash": identifier_hash(ctx, email)},
        )
        return transactions.save(ctx, transaction, username_asked=email)


def asked_for(transaction: Transaction) -> str | None:
    """Return for which address this tab asked, or None when it has not asked."""
    asked: str | None = transaction.progress.get("username_asked")
    return asked


def _owner(ctx: Context, email: str) -> Account | None:
    """Return the living account of an address, or else its archived one; both are looked up."""
    living, archived = accounts.living_by_email(ctx, email), accounts.archived_by_email(ctx, email)
    return living or archived


def _send(ctx: Context, owner: Account | None, email: str) -> str | None:
    """Queue one mail in any case; return why the owner gets none, or None.

    Both shares are asked for whether or not there is an account, so that the same rows are
    written; an owner's second share is one that nobody else uses.
    """
    is_allowed = isinstance(may_send(ctx, _SHARE, email), Allowed)
    spacing = ctx.policies.rate_limits.no_account_mail
    share = f"{_NO_ACCOUNT_SHARE}:owned" if owner else _NO_ACCOUNT_SHARE
    is_first = isinstance(may_send(ctx, share, email, spacing), Allowed)
    is_archived = owner is not None and owner.state == "archived"
    if owner and is_allowed and not is_archived:
        mail.tell_username(ctx, owner)
        return None
    if not owner and is_allowed and is_first:
        mail.tell_no_account(ctx, deliverable_email(email) or "")
    else:
        mail.tell_nobody(ctx)
    if is_archived:
        return "archived"
    return "too_often" if owner else "no_account"
