"""Checking a password: counted before it is looked at, the same work for every name.

Everything that asks for the account's password asks here (signing in, going on after a pause), so
that a guesser has one budget over all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from idp.foundation.audit.events import Event, Outcome
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.logging import get_logger
from idp.foundation.rate_limits.rules import network_of
from idp.foundation.rate_limits.service import Asked, LimitName, hit, hit_all, is_within
from idp.foundation.results import Refused
from idp.people.accounts import dormancy
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import SIGN_IN_STATES
from idp.people.accounts.service import Account
from idp.people.browsers import service as browsers
from idp.people.credentials import attempts, passwords
from idp.people.credentials.attempt_rules import FOR_GOOD
from idp.people.credentials.attempts import Counted, Counter
from idp.people.credentials.passwords import Checked

FAILED = Refused("sign_in_failed")
MUST_RESET = Refused("must_reset")
_Result = TypeVar("_Result")
_log = get_logger("idp.sign_in")


@dataclass(frozen=True, slots=True)
class _Try:
    """One try: whom the name belongs to, and what its counters say.

    The first counter alone decides that the page speaks of a lock: the name's, or the lane of a
    browser that is recognised for the person. The second, the person's, exists beside a name's.
    """

    account_id: str | None
    name: Counter
    counters: tuple[Counter, ...]
    counts: tuple[Counted, ...]

    @property
    def locked_until(self) -> datetime | None:
        return self.counts[0].locked_until

    @property
    def person_is_locked(self) -> bool:
        return any(count.locked_until for count in self.counts[1:])

    @property
    def locks_until(self) -> datetime | None:
        """When the lock ends that this very try began; None when it began none."""
        return max((one.locks_until for one in self.counts if one.locks_until), default=None)

    @property
    def lane(self) -> dict[str, str]:
        """What records say of a lane, nothing where the ordinary counters count."""
        return {"lane": "known_browser"} if self.counters[0].kind == "lane" else {}


def is_allowed(ctx: Context, typed: str, browser: str | None = None) -> bool:
    """Count a try against the limits of its address, network and name; False: too many.

    While failures over all are beyond their limit, one address gets no more tries than one
    guesser at one name: mass guessing slows down, people do not notice (case LG-07). A browser
    that is recognised for the person (browser: its cookie's secret) is counted by itself: what
    others do from the same address or elsewhere does not stop its owner.
    """
    ip = ctx.origin.ip or "unknown"
    known = _recognised(ctx, accounts.find_by_identifier(ctx, typed), browser) if browser else None
    if known:
        return hit(ctx, LimitName.SIGN_IN_IDENTIFIER_IP, f"browser {known}")
    key = f"name {accounts.identifier_key(ctx, typed)}"  # so that no name counts as an address
    wanted: list[Asked] = [
        (LimitName.SIGN_IN_IP, ip),
        (LimitName.SIGN_IN_NETWORK, network_of(ip)),
        (LimitName.SIGN_IN_IDENTIFIER_IP, key, ip),
    ]
    if not is_within(ctx, LimitName.SIGN_IN_FAILURES):
        wanted.append((LimitName.SIGN_IN_IDENTIFIER_IP, "every name", ip))
    return hit_all(ctx, wanted)


def check(
    ctx: Context,
    typed: str,
    password: str,
    go_on: Callable[[Account], _Result],
    browser: str | None = None,
) -> _Result | Refused:
    """Check a password; `go_on` says what a right one leads to, in the same transaction.

    typed: a username or email address. browser: the secret of the cookie by which a browser is
    recognised, if there is one. Slow on purpose, so not inside `writing`. `Refused`:
    sign_in_failed; locked (values: until, None when only unlocking ends it); must_reset, which
    only somebody learns who knows the password.
    """
    account = accounts.find_by_identifier(ctx, typed)
    with passwords.slot(ctx):
        tried = _count(ctx, typed, account, _recognised(ctx, account, browser))
        if tried.locked_until:
            until = None if tried.locked_until == FOR_GOOD else tried.locked_until
            return Refused("locked", values={"until": until})
        # A locked person's password is not looked at: the dummy takes its place and its time.
        looked_at = None if tried.person_is_locked else tried.account_id
        checked = passwords.check(ctx, looked_at, password)
    with writing(ctx.db):
        accepted = _accepted(ctx, tried, checked)
        result = accepted if isinstance(accepted, Refused) else go_on(accepted)
    if accepted is FAILED and not hit(ctx, LimitName.SIGN_IN_FAILURES):
        _log.warning("sign-in failures over all beyond their limit")
    return result


def may_go_on(*, person_is_locked: bool, is_right: bool, state: str | None) -> bool:
    """Tell whether a checked password leads on.

    The lock of what was typed is answered before anything is checked, and alone decides that the
    page speaks of a lock. A person who is locked by tries with another of their names reads the
    ordinary text, so that locking by email says nothing about a username; so does one whose
    account may not be used (case LG-08). state: of the account, None when there is none.
    """
    return is_right and not person_is_locked and state in SIGN_IN_STATES


def _recognised(ctx: Context, account: Account | None, browser: str | None) -> str | None:
    """Return the key of a browser that is recognised for an account; as much work for nobody's."""
    return browsers.find(ctx, account.id if account else "", browser) if browser else None


def _count(ctx: Context, typed: str, account: Account | None, browser_id: str | None) -> _Try:
    """Count the try by the counters that are asked here, in their order, up to a lock."""
    key = accounts.identifier_key(ctx, typed)
    name, account_id = attempts.identifier_counter(ctx, key), account.id if account else None
    if browser_id:
        counters: tuple[Counter, ...] = (attempts.lane_counter(ctx, browser_id),)
    elif account_id:
        counters = (name, attempts.person_counter(ctx, account_id))
    else:  # a name that nobody has gets a person's counter too, for equal work
        counters = (name, attempts.nobody_counter(ctx, key))
    with writing(ctx.db):
        counts = [attempts.count_try(ctx, counters[0])]
        tried = _Try(account_id, name, counters, tuple(counts))
        if tried.locked_until:
            _record(ctx, tried, Outcome.DENIED, "locked")
            return tried
        counts += [attempts.count_try(ctx, counter) for counter in counters[1:]]
    return replace(tried, counts=tuple(counts))


def _accepted(ctx: Context, tried: _Try, checked: Checked) -> Account | Refused:
    """Return whose password was right, if they may sign in; the state is read again, just now."""
    account = accounts.get(ctx, tried.account_id) if tried.account_id else None
    goes_on = may_go_on(
        person_is_locked=tried.person_is_locked,
        is_right=passwords.is_still_right(ctx, tried.account_id or "", checked),
        state=account.state if account else None,
    )
    if account is None or not goes_on:
        is_owner = checked.is_right and not tried.person_is_locked
        dormancy.ask_restore(ctx, (tried.account_id if is_owner else None) or "")
        _record_failure(ctx, tried)
        return FAILED
    # A recognised browser clears its own lane alone: what unrecognised ones are told stays as it is
    # (case LG-08), and a guesser elsewhere gets no new tries by it.
    attempts.clear(ctx, *tried.counters)
    if passwords.must_be_reset(ctx, account.id):
        _record(ctx, tried, Outcome.DENIED, "must_reset")
        return MUST_RESET
    if checked.new_hash:
        passwords.renew_hash(ctx, account.id, checked.new_hash)
        record(ctx, Event.PASSWORD_REHASHED, subject_id=account.id, actor_id=account.id)
    return account


def _record_failure(ctx: Context, tried: _Try) -> None:
    reason = "person_locked" if tried.person_is_locked else "not_right"
    _record(ctx, tried, Outcome.FAILURE, reason)
    if until := tried.locks_until:
        lock = {"identifier_hash": tried.name.key, "until": until.isoformat(), **tried.lane}
        record(ctx, Event.SIGN_IN_LOCKED, subject_id=tried.account_id, changes=lock)


def _record(ctx: Context, tried: _Try, outcome: Outcome, reason: str) -> None:
    record(
        ctx,
        Event.SIGN_IN_FAILED,
        outcome=outcome,
        subject_id=tried.account_id,
        reason=reason,
        changes={"identifier_hash": tried.name.key},
    )
