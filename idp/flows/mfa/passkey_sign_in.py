"""A passkey as the only step: its device has and knows the person, so it is both factors at once.

Neither lock of the password counts here; the budget of the second factor does. Whatever is wrong,
the page says the same, so that it tells nothing about an account.
"""

from typing import Any

from idp.flows.mfa import answers, challenges, rules, service, tries
from idp.flows.mfa.answers import Shown, Wrong
from idp.foundation.audit.events import Event, Outcome
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.rate_limits.rules import network_of
from idp.foundation.rate_limits.service import LimitName, hit
from idp.foundation.results import Refused
from idp.people.accounts.service import Account
from idp.people.credentials import attempts, ceremonies, passwords
from idp.web.sessions import open_for
from idp.web.transactions.service import Transaction

_FAILED = Refused("passkey_sign_in_failed")


def is_allowed(ctx: Context) -> bool:
    """Count a sign-in against the limits of its address and network; False: too many."""
    ip = ctx.origin.ip or "unknown"
    by_address = hit(ctx, LimitName.SIGN_IN_IP, ip)
    return hit(ctx, LimitName.SIGN_IN_NETWORK, network_of(ip)) and by_address


def options(ctx: Context, transaction: Transaction) -> dict[str, Any]:
    """Return what the browser is given to use any passkey that it holds for us."""
    challenge = challenges.begin(ctx, transaction, "sign_in")
    return ceremonies.request_options(ctx, challenge)


def check(ctx: Context, transaction: Transaction, answer: str) -> Refused | None:
    """Check a passkey and open its owner's session, all in one transaction.

    `Refused`: passkey_sign_in_failed; finished_elsewhere.
    """
    with writing(ctx.db):
        challenge = challenges.take(ctx, transaction, "sign_in")
        account = answers.owner(ctx, answer)
        if account is None:
            _record_failure(ctx, None, "passkey_unknown")
        elif shown := _shown(ctx, account, challenge, answer):
            return _open(ctx, transaction, account, shown)
    hit(ctx, LimitName.SIGN_IN_FAILURES)
    return _FAILED


def _shown(ctx: Context, account: Account, challenge: bytes | None, answer: str) -> Shown | None:
    """Count the try of a known person, check it, and ask whether they may sign in at all."""
    counter = attempts.factors_counter(ctx, account.id)
    tried = attempts.count_try(ctx, counter)
    if tried.locked_until:
        tries.note_denied(ctx, account, "passkey", tried)
        _record_failure(ctx, account, "locked")
        return None
    found = answers.check(ctx, account, challenge, answer)
    if isinstance(found, Wrong):
        tries.note_wrong(ctx, account, "passkey", tried, found.reason)
        _record_failure(ctx, account, found.reason)
        return None
    attempts.clear(ctx, counter)
    if _may_sign_in(ctx, account):
        return found
    _record_failure(ctx, account, "not_allowed")
    return None


def _may_sign_in(ctx: Context, account: Account) -> bool:
    """Somebody whose password must be reset first proves the mailbox, passkey or not."""
    return account.state == "active" and not passwords.must_be_reset(ctx, account.id)


def _open(ctx: Context, transaction: Transaction, account: Account, shown: Shown) -> Refused | None:
    service.record_success(ctx, account, "passkey", shown.passkey_id)
    opened = open_for(
        ctx,
        transaction,
        account,
        amr=rules.with_passkey(shown.method, knew_password=False),
        auth_time=ctx.now(),
        factor_time=ctx.now(),
    )
    return None if opened else rules.FINISHED_ELSEWHERE


def _record_failure(ctx: Context, account: Account | None, reason: str) -> None:
    record(
        ctx,
        Event.SIGN_IN_FAILED,
        outcome=Outcome.FAILURE,
        subject_id=account.id if account else None,
        reason=reason,
    )
