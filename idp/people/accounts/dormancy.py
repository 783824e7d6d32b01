"""Accounts that nobody uses: told in time, archived, restored by their mailbox, closed at last.

Functions that change something are called inside `writing`. The worker's steps claim a batch in one
statement each, so that two workers never take the same account.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.exc import IntegrityError

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.mail.service import send
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes.service import Purpose
from idp.foundation.one_time_codes.spacing import Allowed, may_send
from idp.foundation.results import Refused
from idp.people import notices
from idp.people.accounts import dormancy_rules, store, tombstone
from idp.people.accounts.model import Account
from idp.people.accounts.rules import SIGN_IN_STATES
from idp.people.credentials import factors
from idp.people.sessions import service as sessions

# Employees come and go by their administrators (accounts.md section 1), not by their silence.
_PUBLIC_TYPES = ("individual", "business")
_BATCH = 50
_ADDRESS_TAKEN = Refused("address_taken")


def write_to_silent(ctx: Context, limit: int = _BATCH) -> int:
    """Write to a batch of people for each notice that is due; return to how many."""
    steps = range(len(ctx.policies.accounts.dormant_notice_days))
    return sum(_write(ctx, step, limit) for step in steps)


def archive_silent(ctx: Context, limit: int = _BATCH) -> int:
    """Archive a batch of accounts whose every notice went unanswered; return how many."""
    policy = ctx.policies.accounts
    step = len(policy.dormant_notice_days)
    values = {"state": "archived", "archived_at": ctx.now()}
    claimed = _claim(ctx, _due(ctx, step), values, limit)
    until = ctx.now() + timedelta(days=policy.archived_days)
    for account in claimed:
        sessions.end_all(ctx, account.id, "archived")
        record(ctx, Event.ACCOUNT_ARCHIVED, subject_id=account.id, changes={"cause": "dormant"})
        notices.tell(ctx, account, "account_archived", until=until)
    return len(claimed)


def close_archived(ctx: Context, limit: int = _BATCH) -> int:
    """Close for good a batch of accounts archived too long ago; return how many."""
    longest = timedelta(days=ctx.policies.accounts.archived_days)
    due = (Account.state == "archived", Account.archived_at <= ctx.now() - longest)
    claimed = _claim(ctx, due, {"state": "closed", "closes_at": None}, limit)
    for account in claimed:
        tombstone.bury(ctx, account, "archived")
    return len(claimed)


def ask_restore(ctx: Context, account_id: str) -> None:
    """Note that somebody wants an archived account back; nothing for any other key.

    They typed its right password, or asked for a forgotten password or username. The page says the
    same as to anybody else, so it costs the same: this one statement, for every try that fails and
    every request. The worker does the rest.
    """
    ctx.db.execute(
        update(Account)
        .where(Account.id == account_id, Account.state == "archived")
        .values(restore_asked_at=ctx.now())
        .execution_options(synchronize_session=False)
    )


def offer_restore(ctx: Context, limit: int = _BATCH) -> int:
    """Mail the restoring links that a batch of people asked for; return to how many accounts.

    At most once a day for each, whoever asks.
    """
    asked = (Account.restore_asked_at.is_not(None),)
    claimed = _claim(ctx, asked, {"restore_asked_at": None}, limit)
    for account in claimed:
        if account.state == "archived" and _may_send(ctx, account):
            _send_link(ctx, account)
    return len(claimed)


def restore(ctx: Context, account_id: str) -> Account | Refused:
    """Make an archived account active again, for whoever proved its mailbox.

    `Refused`: not_archived (restored or closed meanwhile); address_taken (another living account
    has the address by now).
    """
    archived = store.get(ctx.db, account_id)
    if archived is None or archived.state != "archived":
        return Refused("not_archived")
    if store.by_email(ctx.db, archived.email_key):
        return _ADDRESS_TAKEN
    try:
        with ctx.db.begin_nested():
            restored = _restore(ctx, archived)
    except IntegrityError:  # it was taken just now
        return _ADDRESS_TAKEN
    if restored is None:
        return Refused("not_archived")
    one_time_codes.void_all(ctx, Purpose.ACCOUNT_RESTORE, subject=account_id)
    record(ctx, Event.ACCOUNT_RESTORED, subject_id=account_id, actor_id=account_id)
    notices.tell(ctx, restored, "account_restored", disavowable=True)
    return restored


def _may_send(ctx: Context, account: Account) -> bool:
    spacing = ctx.policies.rate_limits.restore_mail
    allowed = may_send(ctx, Purpose.ACCOUNT_RESTORE, account.email, spacing)
    return isinstance(allowed, Allowed)


def _send_link(ctx: Context, account: Account) -> None:
    issued = one_time_codes.issue(
        ctx, Purpose.ACCOUNT_RESTORE, transaction_id=account.id, subject=account.id
    )
    send(
        ctx,
        "account_restore",
        to=account.email,
        language=account.language,
        values={"username": account.username, "token": issued.link_token},
        code_id=issued.id,
    )
    record(ctx, Event.ACCOUNT_RESTORE_OFFERED, subject_id=account.id)


def _restore(ctx: Context, archived: Account) -> Account | None:
    account_id = archived.id
    has_begun = archived.last_signed_in_at is not None or factors.has_any(ctx, account_id)
    # The mail that brought the person back counts as the first notice: the next is months away.
    values = {
        "state": "active" if has_begun else "pending_mfa",
        "archived_at": None,
        "dormant_notices": 1,
        "dormant_noticed_at": ctx.now(),
        "updated_at": ctx.now(),
    }
    found = _claim(ctx, (Account.id == account_id, Account.state == "archived"), values, 1)
    return found[0] if found else None


def _write(ctx: Context, step: int, limit: int) -> int:
    values = {"dormant_notices": step + 1, "dormant_noticed_at": ctx.now()}
    claimed = _claim(ctx, _due(ctx, step), values, limit)
    days = ctx.policies.accounts.dormant_notice_days
    archives_at = dormancy_rules.archives_at(step, ctx.now(), days)
    until = archives_at + timedelta(days=ctx.policies.accounts.archived_days)
    for account in claimed:
        details = {"archives_at": archives_at.isoformat()}
        record(ctx, Event.ACCOUNT_DORMANT, subject_id=account.id, changes=details)
        notices.tell(ctx, account, "account_dormant", archives_at=archives_at, until=until)
    return len(claimed)


def _due(ctx: Context, step: int) -> tuple[ColumnElement[bool], ...]:
    """Return the accounts for which a step is due; created_at counts for who never signed in."""
    policy = ctx.policies.accounts
    days = policy.dormant_notice_days
    since = dormancy_rules.silent_since(step, ctx.now(), policy.dormant_days, days)
    before = dormancy_rules.noticed_before(step, ctx.now(), days)
    is_spaced = () if before is None else (Account.dormant_noticed_at <= before,)
    return (
        Account.state.in_(SIGN_IN_STATES),
        or_(
            Account.last_signed_in_at <= since,
            and_(Account.last_signed_in_at.is_(None), Account.created_at <= since),
        ),
        Account.account_type.in_(_PUBLIC_TYPES),
        Account.closes_at.is_(None),
        Account.dormant_notices == step,
        *is_spaced,
    )


def _claim(
    ctx: Context, due: Sequence[ColumnElement[bool]], values: Mapping[str, object], limit: int
) -> Sequence[Account]:
    """Change a batch in one statement; what another worker changed meanwhile is left out."""
    batch = select(Account.id).where(*due).limit(limit)
    return ctx.db.scalars(
        update(Account)
        .where(Account.id.in_(batch), *due)
        .values(**values)
        .returning(Account)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).all()
