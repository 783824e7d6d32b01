"""Use of passwords: judging, setting and checking them."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select, update

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context, Parts
from idp.foundation.ids import new_id
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes.service import Purpose
from idp.people.accounts.service import Account
from idp.people.credentials import breached_passwords, common_passwords, rules
from idp.people.credentials.hashing import PasswordHashes, hashes
from idp.people.credentials.model import Password, PastPassword

_WAYS_IN = (Purpose.PASSWORD_RESET, Purpose.UNLOCK, Purpose.MFA_RECOVERY)


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer of a password check: whether it is right, and a fresh hash when one is due.

    chosen_at: of the password that was looked at, since another may be chosen meanwhile.
    """

    is_right: bool
    new_hash: str | None = None
    chosen_at: datetime | None = None


def personal_of(account: Account) -> rules.Personal:
    """Return what of a person must not stand in their password (case RG-15)."""
    return rules.Personal(account.username, (account.first_name, account.last_name))


def judge(ctx: Context, password: str, personal: rules.Personal) -> list[str]:
    """Return the keys of every rule of the profile in force that a new password breaks."""
    policy = ctx.policies.password
    return rules.unmet(
        password,
        policy.active,
        personal,
        _lists(ctx.parts),
        name_part_min_length=policy.name_part_min_length,
        common_word_min_length=policy.common_word_min_length,
    )


def judge_next(ctx: Context, account: Account, password: str) -> list[str]:
    """Return the keys of every rule that an account's next password breaks; used_before is one.

    Slow on purpose, so not inside `writing`. Only a password that meets every other rule is worth
    comparing with the former ones: that takes a hash for each of them.
    """
    unmet = judge(ctx, password, personal_of(account))
    return unmet or (["used_before"] if _was_used(ctx, account.id, password) else [])


def get_ready(parts: Parts) -> None:
    """Make what the first check needs, the dummy's hash among it: for processes that serve pages.

    Otherwise the first sign-in of each process would take twice as long (case LG-08).
    BlocklistMissing or BreachedFilterBad when no new password could be judged.
    """
    hashes(parts.policies.password.hash, parts.pepper)
    _lists(parts)


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
    row = ctx.db.get(Password, account_id, populate_existing=True) if account_id else None
    if row is None:
        return Checked(is_right=_hashes(ctx).verify_nobody(password))
    stored, chosen_at = row.hash, row.changed_at
    is_right = _hashes(ctx).verify(stored, password)
    is_stale = is_right and _hashes(ctx).needs_rehash(stored)
    return Checked(is_right, _hashes(ctx).hash(password) if is_stale else None, chosen_at)


def is_still_right(ctx: Context, account_id: str, checked: Checked) -> bool:
    """Tell whether a right password is the account's own at this moment; inside `writing`.

    Checking is slow: a reset that ended meanwhile must not let the former password in. The row
    stays as it is until the transaction ends.
    """
    present = select(Password.changed_at).where(Password.account_id == account_id)
    chosen_at = ctx.db.scalar(present.with_for_update(read=True))
    return checked.is_right and chosen_at == checked.chosen_at


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


def replace_hash(
    ctx: Context, account_id: str, password_hash: str, *, chosen_at: datetime | None
) -> bool:
    """Like set_hash, unless the password was changed since the one chosen at a moment.

    Tells whether it was replaced: of several people, or tabs, that may each replace the same
    password, one does. Inside `writing`.
    """
    row = ctx.db.get(Password, account_id, with_for_update=True, populate_existing=True)
    if row is None or row.changed_at != chosen_at:
        return False
    set_hash(ctx, account_id, password_hash)
    return True


def changed_at(ctx: Context, account_id: str) -> datetime | None:
    """Return when the password was chosen, which no two of an account share; None without one."""
    return ctx.db.scalar(select(Password.changed_at).where(Password.account_id == account_id))


def require_reset(ctx: Context, account_id: str) -> None:
    """Let the password sign nobody in until it is reset by mail; inside `writing`.

    For "this wasn't me" and the service desk: somebody else may know it, and may hold codes that
    were mailed so far, or a mailbox proven with one. Nothing of that is worth anything afterwards.
    """
    row = ctx.db.get(Password, account_id, with_for_update=True, populate_existing=True)
    if row is not None:
        # Rising in any case: whoever proved the mailbox between two of these has proven nothing.
        since = row.must_reset_since or row.changed_at
        row.must_reset_since = max(ctx.now(), since + timedelta(microseconds=1))
    for purpose in _WAYS_IN:
        one_time_codes.void_all(ctx, purpose, subject=account_id)
    record(ctx, Event.PASSWORD_RESET_REQUIRED, subject_id=account_id)


def must_be_reset(ctx: Context, account_id: str) -> bool:
    """Tell whether an account's password must be reset before it signs anybody in."""
    return must_reset_since(ctx, account_id) is not None


def must_reset_since(ctx: Context, account_id: str) -> datetime | None:
    """Return since when the password must be reset; None when it need not be."""
    since = select(Password.must_reset_since).where(Password.account_id == account_id)
    return ctx.db.scalar(since)


def renew_hash(ctx: Context, account_id: str, password_hash: str) -> None:
    """Put a hash of the same password at today's cost in place; inside `writing`.

    After `is_still_right`: otherwise it could bring a former password back.
    """
    ctx.db.execute(
        update(Password).where(Password.account_id == account_id).values(hash=password_hash)
    )


def _hashes(ctx: Context) -> PasswordHashes:
    return hashes(ctx.policies.password.hash, ctx.parts.pepper)


def _stored(ctx: Context, account_id: str) -> str | None:
    return ctx.db.scalar(select(Password.hash).where(Password.account_id == account_id))


def _lists(parts: Parts) -> rules.WordLists:
    """Return what is looked up: the built filter, and the operator's own beside it."""
    policy, settings = parts.policies.password, parts.settings
    lists = common_passwords.load(
        settings.common_passwords_filter, policy.common_words, policy.service_words
    )
    if settings.breached_passwords_filter is None:
        return lists
    is_breached = breached_passwords.load(settings.breached_passwords_filter)
    is_common = lists.is_common_password
    return replace(lists, is_common_password=lambda text: is_common(text) or is_breached(text))


def _was_used(ctx: Context, account_id: str, password: str) -> bool:
    """Tell whether a password is the present one or among those that the policy remembers.

    The present one counts whatever the policy: a reset that kept it would leave it to whoever
    knows it. All are compared in one hash slot, so that a long history takes one place.
    """
    present = _stored(ctx, account_id)
    former = ctx.db.scalars(_remembered(ctx, account_id)).all()
    with slot(ctx):
        return any(matches(ctx, stored, password) for stored in (present, *former) if stored)


def _remember(ctx: Context, account_id: str, old_hash: str) -> None:
    row = PastPassword(id=new_id(), account_id=account_id, hash=old_hash, created_at=ctx.now())
    ctx.db.add(row)
    ctx.db.flush()
    kept = _remembered(ctx, account_id).with_only_columns(PastPassword.id)
    ctx.db.execute(
        delete(PastPassword).where(
            PastPassword.account_id == account_id, PastPassword.id.not_in(kept)
        )
    )


def _remembered(ctx: Context, account_id: str) -> Select[str]:
    """Select the hashes that the policy remembers, the newest first."""
    return (
        select(PastPassword.hash)
        .where(PastPassword.account_id == account_id)
        .order_by(PastPassword.created_at.desc(), PastPassword.id.desc())
        .limit(ctx.policies.password.active.history)
    )
