"""Use of passwords: judging, setting and checking them."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context, Parts
from idp.foundation.ids import new_id
from idp.people.credentials import common_passwords, rules
from idp.people.credentials.hashing import PasswordHashes, hashes
from idp.people.credentials.model import Password, PastPassword


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer of a password check: whether it is right, and a fresh hash when one is due."""

    is_right: bool
    new_hash: str | None = None


def judge(ctx: Context, password: str, personal: rules.Personal) -> list[str]:
    """Return the keys of every rule of the profile in force that a new password breaks."""
    policy = ctx.policies.password
    lists = common_passwords.load(
        ctx.settings.common_passwords_filter, policy.common_words, policy.service_words
    )
    return rules.unmet(
        password,
        policy.active,
        personal,
        lists,
        name_part_min_length=policy.name_part_min_length,
        common_word_min_length=policy.common_word_min_length,
    )


def get_ready(parts: Parts) -> None:
    """Make what the first check needs, the dummy's hash among it: for processes that serve pages.

    Otherwise the first sign-in of each process would take twice as long (case LG-08).
    """
    hashes(parts.policies.password.hash, parts.pepper)


def slot(ctx: Context) -> AbstractContextManager[None]:
    """Hold a hash slot from before a try is counted until it is checked; HashingBusy: none free."""
    return _hashes(ctx).slot()


def make_hash(ctx: Context, password: str) -> str:
    """Return the hash of a judged password; slow on purpose, so call it outside of `writing`."""
    return _hashes(ctx).hash(password)


def matches(ctx: Context, stored: str, password: str) -> bool:
    """Tell whether a password has a stored hash that belongs to no account yet."""
    return _hashes(ctx).verify(stored, password)


def check(ctx: Context, account_id: str | None, password: str) -> Checked:
    """Check a password; the same work for an account that does not exist (account_id None).

    Slow on purpose: call it outside of `writing`, so that no lock is held meanwhile.
    """
    stored = _stored(ctx, account_id) if account_id else None
    if stored is None:
        return Checked(is_right=_hashes(ctx).verify_nobody(password))
    is_right = _hashes(ctx).verify(stored, password)
    is_stale = is_right and _hashes(ctx).needs_rehash(stored)
    return Checked(is_right, _hashes(ctx).hash(password) if is_stale else None)


def set_hash(ctx: Context, account_id: str, password_hash: str) -> None:
    """Make a hash the account's password and keep the former in its history; inside `writing`.

    A password that had to be reset is reset by it.
    """
    row = ctx.db.get(Password, account_id)
    if row is None:
        ctx.db.add(Password(account_id=account_id, hash=password_hash, changed_at=ctx.now()))
    else:
        _remember(ctx, account_id, row.hash)
        row.hash, row.must_reset_since = password_hash, None
        # Rising in any case: the moment also tells one password of an account from the next.
        row.changed_at = max(ctx.now(), row.changed_at + timedelta(microseconds=1))
    ctx.db.flush()


def changed_at(ctx: Context, account_id: str) -> datetime | None:
    """Return when the password was chosen, which no two of an account share; None without one."""
    return ctx.db.scalar(select(Password.changed_at).where(Password.account_id == account_id))


def require_reset(ctx: Context, account_id: str) -> None:
    """Let the password sign nobody in until it is reset by mail; inside `writing`.

    For "this wasn't me" and the service desk: somebody else may know it. Once required, the first
    moment stays.
    """
    ctx.db.execute(
        update(Password)
        .where(Password.account_id == account_id, Password.must_reset_since.is_(None))
        .values(must_reset_since=ctx.now())
    )
    record(ctx, Event.PASSWORD_RESET_REQUIRED, subject_id=account_id)


def must_be_reset(ctx: Context, account_id: str) -> bool:
    """Tell whether an account's password must be reset before it signs anybody in."""
    since = select(Password.must_reset_since).where(Password.account_id == account_id)
    return ctx.db.scalar(since) is not None


def renew_hash(ctx: Context, account_id: str, password_hash: str) -> None:
    """Put a hash of the same password at today's cost in place; inside `writing`."""
    ctx.db.execute(
        update(Password).where(Password.account_id == account_id).values(hash=password_hash)
    )


def _hashes(ctx: Context) -> PasswordHashes:
    return hashes(ctx.policies.password.hash, ctx.parts.pepper)


def _stored(ctx: Context, account_id: str) -> str | None:
    return ctx.db.scalar(select(Password.hash).where(Password.account_id == account_id))


def _remember(ctx: Context, account_id: str, old_hash: str) -> None:
    row = PastPassword(id=new_id(), account_id=account_id, hash=old_hash, created_at=ctx.now())
    ctx.db.add(row)
    ctx.db.flush()
    kept = (
        select(PastPassword.id)
        .where(PastPassword.account_id == account_id)
        .order_by(PastPassword.created_at.desc())
        .limit(ctx.policies.password.active.history)
    )
    ctx.db.execute(
        delete(PastPassword).where(
            PastPassword.account_id == account_id, PastPassword.id.not_in(kept)
        )
    )
