"""Checking a password: counted before it is looked at, the same work for every name."""

from dataclasses import dataclass
from datetime import datetime

from idp.flows.sign_in import rules
from idp.foundation.audit.events import Event, Outcome
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.logging import get_logger
from idp.foundation.rate_limits.rules import network_of
from idp.foundation.rate_limits.service import LimitName, hit, is_within
from idp.foundation.results import Refused
from idp.people.accounts import conformance
from idp.people.accounts import service as accounts
from idp.people.credentials import attempts, passwords
from idp.people.credentials.attempt_rules import FOR_GOOD
from idp.people.credentials.attempts import Counted, Counter
from idp.people.credentials.passwords import Checked
from idp.web.proven import prove
from idp.web.sessions import open_for
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

_FAILED = Refused("sign_in_failed")
_MUST_RESET = Refused("must_reset")
_log = get_logger("idp.sign_in")


@dataclass(frozen=True, slots=True)
class Entered:
    """The password was right; what is still owed is a second factor, or enrolling the first.

    is_complete: nothing is owed, which is so in the conformance environment alone.
    """

    transaction: Transaction
    owes_enrolment: bool
    is_complete: bool = False


@dataclass(frozen=True, slots=True)
class _Try:
    """One try: whom the name belongs to, and what the two counters say."""

    typed: str
    account_id: str | None
    name: Counter
    person: Counter
    name_count: Counted
    person_count: Counted

    @property
    def locked_until(self) -> datetime | None:
        return self.name_count.locked_until

    @property
    def person_is_locked(self) -> bool:
        return self.person_count.locked_until is not None


def is_allowed(ctx: Context, typed: str) -> bool:
    """Count a sign-in against the limits of its address, network and name; False: too many.

    While failures over all are beyond their limit, one address gets no more tries than one
    guesser at one name: mass guessing slows down, people do not notice (case LG-07).
    """
    ip = ctx.origin.ip or "unknown"
    key = f"name {accounts.identifier_key(ctx, typed)}"  # so that no name counts as an address
    allowed = [
        hit(ctx, LimitName.SIGN_IN_IP, ip),
        hit(ctx, LimitName.SIGN_IN_NETWORK, network_of(ip)),
        hit(ctx, LimitName.SIGN_IN_IDENTIFIER_IP, key, ip),
        is_within(ctx, LimitName.SIGN_IN_FAILURES)
        or hit(ctx, LimitName.SIGN_IN_IDENTIFIER_IP, "every name", ip),
    ]
    return all(allowed)


def check_password(
    ctx: Context, transaction: Transaction, typed: str, password: str
) -> Entered | Refused:
    """Check a password and note in the transaction whose it is; not yet a session.

    `Refused`: sign_in_failed; locked (values: until, None when only unlocking ends it);
    must_reset, which only somebody learns who knows the password. The transaction and the
    browser's cookie are renewed by success.
    """
    account = accounts.find_by_identifier(ctx, typed)
    with passwords.slot(ctx):
        tried = _count(ctx, transaction, typed, account.id if account else None)
        if tried.locked_until:
            until = None if tried.locked_until == FOR_GOOD else tried.locked_until
            return Refused("locked", values={"until": until})
        # A locked person's password is not looked at: the dummy takes its place and its time.
        looked_at = None if tried.person_is_locked else tried.account_id
        checked = passwords.check(ctx, looked_at, password)
    with writing(ctx.db):
        accepted = _accept(ctx, transaction, tried, checked)
        if accepted is None:
            _record_failure(ctx, tried)
    if accepted is None and not hit(ctx, LimitName.SIGN_IN_FAILURES):
        _log.warning("sign-in failures over all beyond their limit")
    return accepted or _FAILED


def _count(ctx: Context, transaction: Transaction, typed: str, account_id: str | None) -> _Try:
    """Count the try; a name that nobody has gets a person's counter too, for equal work."""
    key = accounts.identifier_key(ctx, typed)
    name = attempts.identifier_counter(ctx, key)
    person = (
        attempts.person_counter(ctx, account_id)
        if account_id
        else attempts.nobody_counter(ctx, key)
    )
    with writing(ctx.db):
        name_count = attempts.count_try(ctx, name)
        if name_count.locked_until:
            _record_denied(ctx, name, account_id)
            transactions.save(ctx, transaction, sign_in_name=typed)
            return _Try(typed, account_id, name, person, name_count, name_count)
        person_count = attempts.count_try(ctx, person)
    return _Try(typed, account_id, name, person, name_count, person_count)


def _accept(
    ctx: Context, transaction: Transaction, tried: _Try, checked: Checked
) -> Entered | Refused | None:
    """Note a right password of somebody who may sign in; the state is read again, just now."""
    account = accounts.get(ctx, tried.account_id) if tried.account_id else None
    goes_on = rules.may_go_on(
        person_is_locked=tried.person_is_locked,
        is_right=checked.is_right,
        state=account.state if account else None,
    )
    if account is None or not goes_on:
        return None
    attempts.clear(ctx, tried.name)
    attempts.clear(ctx, tried.person)
    if passwords.must_be_reset(ctx, account.id):
        _record_must_reset(ctx, tried)
        return _MUST_RESET
    if checked.new_hash:
        passwords.renew_hash(ctx, account.id, checked.new_hash)
        record(ctx, Event.PASSWORD_REHASHED, subject_id=account.id, actor_id=account.id)
    proved = prove(ctx, transaction, account)
    if conformance.needs_no_second_factor(ctx, account):
        open_for(ctx, proved, account, amr=("pwd",), auth_time=ctx.now(), factor_time=None)
        return Entered(proved, owes_enrolment=False, is_complete=True)
    return Entered(proved, account.state == "pending_mfa")


def _record_failure(ctx: Context, tried: _Try) -> None:
    record(
        ctx,
        Event.SIGN_IN_FAILED,
        outcome=Outcome.FAILURE,
        subject_id=tried.account_id,
        reason="person_locked" if tried.person_is_locked else "not_right",
        changes={"identifier_hash": tried.name.key},
    )
    ends = [count.locks_until for count in (tried.name_count, tried.person_count)]
    if until := max((end for end in ends if end), default=None):
        record(
            ctx,
            Event.SIGN_IN_LOCKED,
            subject_id=tried.account_id,
            changes={"identifier_hash": tried.name.key, "until": until.isoformat()},
        )


def _record_must_reset(ctx: Context, tried: _Try) -> None:
    record(
        ctx,
        Event.SIGN_IN_FAILED,
        outcome=Outcome.DENIED,
        subject_id=tried.account_id,
        reason="must_reset",
        changes={"identifier_hash": tried.name.key},
    )


def _record_denied(ctx: Context, name: Counter, account_id: str | None) -> None:
    record(
        ctx,
        Event.SIGN_IN_FAILED,
        outcome=Outcome.DENIED,
        subject_id=account_id,
        reason="locked",
        changes={"identifier_hash": name.key},
    )
