"""Asking for the second factor: one budget of tries for the person, whatever factor and tab."""

from dataclasses import dataclass
from datetime import datetime

from idp.flows.mfa import mail, rules
from idp.flows.mfa.rules import Kind
from idp.foundation.audit.events import Event, Outcome
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts.service import Account
from idp.people.credentials import attempts, recovery_codes, totp
from idp.people.credentials.attempts import Counted
from idp.web import proven
from idp.web.proven import Proven
from idp.web.sessions import open_for
from idp.web.transactions.service import Transaction

_WRONG = {"totp": "totp_wrong", "recovery_code": "recovery_code_wrong"}


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody who is half-way can do: which factors, or until when none."""

    kinds: list[Kind]
    locked_until: datetime | None
    may_enroll: bool


def standing(ctx: Context, account: Account) -> Standing:
    """Return what a person who knows the password may do next."""
    apps, codes = totp.count(ctx, account.id), recovery_codes.left(ctx, account.id)
    until = attempts.locked_until(ctx, attempts.factors_counter(ctx, account.id))
    may_enroll = rules.may_enroll(account.state, apps, codes)
    return Standing(rules.kinds(apps, codes), until, may_enroll)


def check_code(
    ctx: Context, transaction: Transaction, half: Proven, kind: Kind, code: str
) -> str | Refused:
    """Count a try, check the code and open the session, all in one transaction.

    Returns where the way leads now: an address of ours, or "" for where the transaction returns
    to; a way that opens no session (a reset) notes the factor alone. `Refused`: totp_wrong,
    recovery_code_wrong (values: left, when few are); mfa_locked (values: until);
    finished_elsewhere.
    """
    account = half.account
    counter = attempts.factors_counter(ctx, account.id)
    with writing(ctx.db):
        tried = attempts.count_try(ctx, counter)
        if tried.locked_until:
            _record_failure(ctx, account, kind, tried, Outcome.DENIED)
            return Refused("mfa_locked", values={"until": tried.locked_until})
        if not _accepts(ctx, account, kind, code):
            return _refuse(ctx, transaction, account, kind, tried)
        attempts.clear(ctx, counter)
        return _go_on(ctx, transaction, half, kind)


def _go_on(ctx: Context, transaction: Transaction, half: Proven, kind: Kind) -> str | Refused:
    """Open the session, or note the factor for the page that asked for it; inside `writing`."""
    if half.goes_to:
        proven.note_factor(ctx, transaction, half, kind)
        return half.goes_to
    opened = open_for(
        ctx,
        transaction,
        half.account,
        amr=rules.AMR,
        auth_time=half.auth_time,
        factor_time=ctx.now(),
    )
    return "" if opened else rules.FINISHED_ELSEWHERE


def _accepts(ctx: Context, account: Account, kind: Kind, code: str) -> bool:
    if kind == "totp":
        app = totp.accept_code(ctx, account.id, code)
        if app:
            _record_success(ctx, account, kind)
        return app is not None
    if not recovery_codes.redeem(ctx, account.id, code):
        return False
    left = recovery_codes.left(ctx, account.id)
    _record_success(ctx, account, kind)
    record(
        ctx,
        Event.MFA_RECOVERY_CODE_USED,
        subject_id=account.id,
        actor_id=account.id,
        changes={"left": left},
    )
    mail.tell_recovery_code_used(ctx, account, left)
    return True


def _record_success(ctx: Context, account: Account, kind: Kind) -> None:
    record(
        ctx,
        Event.MFA_SUCCEEDED,
        subject_id=account.id,
        actor_id=account.id,
        changes={"kind": kind},
    )


def _refuse(
    ctx: Context, transaction: Transaction, account: Account, kind: Kind, tried: Counted
) -> Refused:
    """Answer a wrong code: a hint when few tries are left, a lock at the end of them."""
    _record_failure(ctx, account, kind, tried, Outcome.FAILURE)
    if tried.total >= ctx.policies.lockout.mfa_total_failures:
        _disable(ctx, account)
    if tried.locked_now:
        return _lock(ctx, transaction, account)
    few = tried.left <= ctx.policies.lockout.mfa_warn_left
    return Refused(_WRONG[kind], "code", {"left": tried.left} if few else {})


def _record_failure(
    ctx: Context, account: Account, kind: Kind, tried: Counted, outcome: Outcome
) -> None:
    record(
        ctx,
        Event.MFA_FAILED,
        outcome=outcome,
        subject_id=account.id,
        reason="locked" if outcome is Outcome.DENIED else None,
        changes={"kind": kind, "failures": tried.total},
    )


def _lock(ctx: Context, transaction: Transaction, account: Account) -> Refused:
    """End the sign-in: after the pause it begins with the password again (case MF-04)."""
    until = attempts.locked_until(ctx, attempts.factors_counter(ctx, account.id))
    proven.forget(ctx, transaction)
    record(ctx, Event.MFA_LOCKED, subject_id=account.id, changes={"until": str(until)})
    return Refused("mfa_locked", values={"until": until})


def _disable(ctx: Context, account: Account) -> None:
    """Stop the apps after too many failures in all (NIST SP 800-63B-4 section 3.2.2)."""
    if totp.disable_all(ctx, account.id):
        record(ctx, Event.MFA_DISABLED, subject_id=account.id, changes={"kind": "totp"})
        mail.tell_apps_disabled(ctx, account)
