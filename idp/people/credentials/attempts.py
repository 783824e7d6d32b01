"""Counting tries: one counter for each thing and purpose, raised before the check.

Password: two counters, for the typed identifier (which alone decides what the page says, and
exists for every text) and for the person over all identifiers; a recognised browser has a lane of
its own beside them, so that nobody locks the owner out from elsewhere (case LG-05). Factors: one
for the person, whatever factor and session (case MF-04). All in the database, so that no node
knows less.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from idp.foundation.context import Context
from idp.foundation.policy_models.lockout import LockoutPolicy
from idp.people.credentials.attempt_rules import Limits, Tally, after_failure
from idp.people.credentials.model import AttemptCounter


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted, and the keyed hash of its owner.

    kind: identifier, person, nobody (in place of the person of a name that nobody has), lane (of
    a recognised browser) or factors.
    """

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Counted:
    """The state of a counter after a try was counted.

    locked_until: of the lock that was in force before; locks_until: of the one that this very try
    began.
    """

    locked_until: datetime | None
    left: int
    total: int
    locks_until: datetime | None = None


def identifier_counter(ctx: Context, identifier: str) -> Counter:
    """Return the counter of a typed identifier in canonical form, known or not."""
    return Counter("identifier", ctx.digests.keyed("attempts:identifier", identifier))


def person_counter(ctx: Context, account_id: str) -> Counter:
    """Return the counter of a person's password over all identifiers."""
    return Counter("person", ctx.digests.keyed("attempts:person", account_id))


def nobody_counter(ctx: Context, identifier: str) -> Counter:
    """Return what takes the place of the person's counter for a name that nobody has."""
    return Counter("nobody", ctx.digests.keyed("attempts:nobody", identifier))


def lane_counter(ctx: Context, browser_id: str) -> Counter:
    """Return the counter of the password in one recognised browser, in place of the two others."""
    return Counter("lane", ctx.digests.keyed("attempts:lane", browser_id))


def factors_counter(ctx: Context, account_id: str) -> Counter:
    """Return the counter of a person's second factors, all of them together."""
    return Counter("factors", ctx.digests.keyed("attempts:factors", account_id))


def locked_until(ctx: Context, counter: Counter) -> datetime | None:
    """Return when a counter's lock ends, or None when it is open."""
    until = ctx.db.scalar(
        select(AttemptCounter.locked_until).where(AttemptCounter.key == counter.key)
    )
    return until if until and ctx.now() < until else None


def any_locked(ctx: Context, counters: Sequence[Counter]) -> bool:
    """Tell whether one of some counters is locked; one question, however many there are."""
    keys = [counter.key for counter in counters]
    latest = select(func.max(AttemptCounter.locked_until)).where(AttemptCounter.key.in_(keys))
    until = ctx.db.scalar(latest)
    return until is not None and ctx.now() < until


def count_try(ctx: Context, counter: Counter) -> Counted:
    """Count one try before it is checked; inside `writing`.

    When the counter is locked, nothing is counted and `locked_until` says until when. The try
    that fills the counter is itself still checked: `locks_until` is then set, and a right
    answer clears the counter.
    """
    limits = _limits(ctx.policies.lockout, counter.kind)
    row = _row_for_update(ctx, counter)
    if row.locked_until and ctx.now() < row.locked_until:
        return Counted(row.locked_until, 0, row.total)
    tally = after_failure(_tally(row), limits, ctx.now())
    row.failures, row.total, row.locks = tally.failures, tally.total, tally.locks
    row.last_failed_at, row.locked_until = tally.last_failed_at, tally.locked_until
    row.updated_at = ctx.now()
    ctx.db.flush()
    left = 0 if tally.locked_until else limits.failures - tally.failures
    return Counted(None, left, tally.total, tally.locked_until)


def clear(ctx: Context, *counters: Counter) -> None:
    """Forget failures and lock: the answer was right, or the owner unlocked; inside `writing`."""
    keys = [counter.key for counter in counters]
    ctx.db.execute(delete(AttemptCounter).where(AttemptCounter.key.in_(keys)))


def forget_old(ctx: Context, limit: int = 500) -> int:
    """Delete a batch of counters that mean nothing any more; return how many; inside `writing`.

    A person's failures are counted until they succeed, however slowly somebody guesses; so what
    belongs to an account stays, and so does every lock that is in force. A lane is kept for as
    long as a browser is recognised.
    """
    is_open = AttemptCounter.locked_until.is_(None) | (AttemptCounter.locked_until < ctx.now())
    quiet = ctx.policies.lockout.password_quiet_seconds
    lasting = ctx.policies.session.known_browser_seconds
    is_old = is_open & or_(
        _is_older(ctx, quiet, "identifier", "nobody"), _is_older(ctx, lasting, "lane")
    )
    old = select(AttemptCounter.key).where(is_old).limit(limit)
    # Asked once more outside: a counter that was raised meanwhile stays.
    gone = delete(AttemptCounter).where(AttemptCounter.key.in_(old), is_old)
    return len(ctx.db.scalars(gone.returning(AttemptCounter.key)).all())


def _is_older(ctx: Context, seconds: int, *kinds: str) -> ColumnElement[bool]:
    before = ctx.now() - timedelta(seconds=seconds)
    return AttemptCounter.kind.in_(kinds) & (AttemptCounter.updated_at < before)


def _row_for_update(ctx: Context, counter: Counter) -> AttemptCounter:
    """Return the counter's row, locked until the transaction ends; made when it is missing."""
    _insert_if_missing(ctx.db, counter, ctx.now())
    query = select(AttemptCounter).where(AttemptCounter.key == counter.key)
    return ctx.db.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def _insert_if_missing(session: Session, counter: Counter, now: datetime) -> None:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    values = {
        "key": counter.key,
        "kind": counter.kind,
        "failures": 0,
        "total": 0,
        "locks": 0,
        "last_failed_at": now,
        "updated_at": now,
    }
    session.execute(dialect.insert(AttemptCounter).values(values).on_conflict_do_nothing())


def _tally(row: AttemptCounter) -> Tally:
    return Tally(row.failures, row.total, row.locks, row.last_failed_at, row.locked_until)


def _limits(policy: LockoutPolicy, kind: str) -> Limits:
    if kind == "factors":
        return Limits(
            failures=policy.mfa_failures,
            window_seconds=policy.mfa_window_seconds,
            lock_seconds=policy.mfa_lock_seconds,
            lock_max_seconds=policy.mfa_lock_seconds,
            quiet_seconds=policy.mfa_window_seconds,
        )
    return Limits(
        failures=(policy.known_browser_failures if kind == "lane" else policy.password_failures),
        window_seconds=policy.password_window_seconds,
        lock_seconds=policy.password_lock_seconds,
        lock_max_seconds=policy.password_lock_max_seconds,
        quiet_seconds=policy.password_quiet_seconds,
        total_failures=policy.password_total_failures,
    )
