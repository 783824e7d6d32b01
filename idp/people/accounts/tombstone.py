"""What is left of a closed account: its `sub` and its username, so that nobody gets them again."""

from typing import Literal

from sqlalchemy import String, column, delete, table, update

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import UTCDateTime
from idp.people import notices
from idp.people.accounts import registrations
from idp.people.accounts.model import Account
from idp.people.sessions import service as sessions

Cause = Literal["asked", "archived"]


# Everything that belongs to one account, in an order that no foreign key forbids. A test compares
# it with the schema, so that a new table is not forgotten.
_REMOVED = tuple(
    table(name, column("account_id", String))
    for name in (
        "consent", "email_change", "kept_form", "lost_factor", "passkey", "password",
        "past_password", "recovery_code", "session", "known_browser", "totp_app",
    )
)  # fmt: skip
# Who held which role, and which terms were accepted when, says nothing about the person any more.
_ROLE = table("role_assignment", column("account_id", String), column("ended_at", UTCDateTime))
KEPT = frozenset({_ROLE.name, "terms_acceptance"})
REMOVED = frozenset(each.name for each in _REMOVED)
_NO_TEXT = (
    "prefix", "first_name", "middle_initial", "last_name", "suffix", "mobile_number",
    "business_name", "business_role", "email", "email_key", "notification_email",
)  # fmt: skip
_NO_VALUE = (
    "address", "standard_claims", "email_verified_at", "last_signed_in_at", "frozen_at",
    "freeze_reason", "mfa_hold_until", "archived_at", "restore_asked_at", "dormant_noticed_at",
)  # fmt: skip


def bury(ctx: Context, account: Account, cause: Cause) -> None:
    """Turn an account that was just claimed as closed into its tombstone; inside `writing`.

    Its applications are told that its sessions ended, and whoever owned it is told as well, by
    mails that carry their address themselves. The address is free again at once.
    """
    sessions.end_all(ctx, account.id, "closed")
    notices.tell(ctx, account, "account_closed")
    registrations.forget_address(ctx, account.email)
    _end_roles(ctx, account.id)
    for each in _REMOVED:
        ctx.db.execute(delete(each).where(each.c.account_id == account.id))
    _forget_person(ctx, account)
    record(ctx, Event.ACCOUNT_CLOSED, subject_id=account.id, changes={"cause": cause})


def _end_roles(ctx: Context, account_id: str) -> None:
    held = (_ROLE.c.account_id == account_id, _ROLE.c.ended_at.is_(None))
    ctx.db.execute(update(_ROLE).where(*held).values(ended_at=ctx.now()))


def _forget_person(ctx: Context, account: Account) -> None:
    for name in _NO_TEXT:
        setattr(account, name, "")
    for name in _NO_VALUE:
        setattr(account, name, None)
    account.username, account.updated_at = account.username_key, ctx.now()
    ctx.db.flush()
