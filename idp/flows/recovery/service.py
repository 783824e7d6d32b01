"""Unlocking a password by mail: ends the lock, signs nobody in, leaves the factors' lock alone."""

from datetime import datetime

from idp.flows.recovery import mail, rules
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes import spacing
from idp.foundation.one_time_codes.service import Purpose, Redeemed
from idp.foundation.rate_limits.service import LimitName, hit
from idp.foundation.results import Refused
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import SIGN_IN_STATES
from idp.people.accounts.service import Account
from idp.people.credentials import attempts
from idp.people.credentials.attempts import Counter
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

_KEPT_MOMENTS = 10
_LONGEST_TOKEN = 64


def is_allowed(ctx: Context) -> bool:
    """Count a request for mail against the limit of its address; False: too many."""
    return hit(ctx, LimitName.CODE_REQUEST_IP, ctx.origin.ip or "unknown")


def request_code(ctx: Context, transaction: Transaction, typed: str) -> Transaction | Refused:
    """Send a code to the owner if the account of this name is locked; say the same in any case.

    `Refused`: wait (values: seconds) when this very tab asked a moment ago.
    """
    asked_at = _asked_at(transaction, typed)
    waits = ctx.policies.rate_limits.code_mail.waits_seconds
    wait = rules.seconds_to_wait(asked_at, ctx.now(), waits)
    if wait:
        return Refused("wait", values={"seconds": wait})
    with writing(ctx.db):
        account = accounts.find_by_identifier(ctx, typed)
        owner = account if _is_locked(ctx, typed, account) else None
        # Only mails that go out count for a mailbox: asking in vain uses up nobody's mails.
        address = owner.email if owner else f"nothing to unlock: {typed}"
        if isinstance(spacing.may_send(ctx, Purpose.UNLOCK, address), spacing.Allowed):
            _issue(ctx, transaction, owner)
        _record_request(ctx, typed, account)
        moments = [moment.isoformat() for moment in [*asked_at, ctx.now()][-_KEPT_MOMENTS:]]
        return transactions.save(
            ctx,
            transaction,
            lives_seconds=ctx.policies.one_time_codes.lives[Purpose.UNLOCK].code_seconds,
            unlock={"typed": typed, "asked_at": moments},
        )


def typed_name(transaction: Transaction) -> str | None:
    """Return for which name this tab asked, or None when it has not asked."""
    typed: str | None = transaction.progress.get("unlock", {}).get("typed")
    return typed


def redeem_code(ctx: Context, transaction: Transaction, code: str) -> Transaction | Refused:
    """Unlock by the code typed in the tab that asked; `Refused`: code_not_accepted."""
    with writing(ctx.db):
        redeemed = one_time_codes.redeem_code(
            ctx, Purpose.UNLOCK, transaction_id=transaction.id, code=code
        )
        return _unlock(ctx, transaction, redeemed, "code")


def keep_link(ctx: Context, browser_digest: str, token: str, return_to: str) -> Transaction:
    """Take a link's token off the address: sealed into a transaction of its own (case RC-06)."""
    with writing(ctx.db):
        transaction = transactions.begin(ctx, browser_digest, return_to=return_to)
        sealed = ctx.sealing.seal(token[:_LONGEST_TOKEN].encode(), bound_to=_bound_to(transaction))
        return transactions.save(ctx, transaction, unlock_link=sealed)


def link_works(ctx: Context, transaction: Transaction) -> bool:
    """Tell whether the kept link would unlock; asking uses nothing up (case RG-11)."""
    token = _kept_token(ctx, transaction)
    return token is not None and one_time_codes.peek_link(ctx, Purpose.UNLOCK, token) is not None


def redeem_link(ctx: Context, transaction: Transaction) -> Transaction | Refused:
    """Unlock by the kept link; `Refused`: code_not_accepted."""
    token = _kept_token(ctx, transaction) or ""
    with writing(ctx.db):
        redeemed = one_time_codes.redeem_link(ctx, Purpose.UNLOCK, token)
        return _unlock(ctx, transaction, redeemed, "link")


def is_unlocked(transaction: Transaction) -> bool:
    """Tell whether this tab has just unlocked an account."""
    return bool(transaction.progress.get("unlocked"))


def _issue(ctx: Context, transaction: Transaction, account: Account | None) -> None:
    """Make and queue a code; for nobody when there is nothing to unlock, void from the start."""
    subject = account.id if account else transaction.id
    issued = one_time_codes.issue(
        ctx, Purpose.UNLOCK, transaction_id=transaction.id, subject=subject
    )
    if account is None:
        one_time_codes.void_all(ctx, Purpose.UNLOCK, subject=subject)
    mail.send_code(ctx, account, issued)


def _is_locked(ctx: Context, typed: str, account: Account | None) -> bool:
    """Tell whether a living account's password is locked, by whichever of its names."""
    locks = [attempts.locked_until(ctx, counter) for counter in _counters(ctx, typed, account)]
    return account is not None and account.state in SIGN_IN_STATES and any(locks)


def _counters(ctx: Context, typed: str, account: Account | None) -> list[Counter]:
    """Return the counters of each name and of the person; as many for a name that nobody has."""
    names = [account.username, account.email] if account else [typed, typed]
    keys = [accounts.identifier_key(ctx, name) for name in names]
    nobody = attempts.nobody_counter(ctx, keys[0])
    person = attempts.person_counter(ctx, account.id) if account else nobody
    return [*(attempts.identifier_counter(ctx, key) for key in keys), person]


def _unlock(
    ctx: Context, transaction: Transaction, redeemed: Redeemed | Refused, method: str
) -> Transaction | Refused:
    if isinstance(redeemed, Refused):
        _record_refusal(ctx, transaction, redeemed, method)
        return redeemed
    account = accounts.get(ctx, redeemed.subject)
    if account is None:
        return Refused("code_not_accepted", "code")
    for counter in _counters(ctx, account.username, account):
        attempts.clear(ctx, counter)
    record(
        ctx,
        Event.UNLOCK_COMPLETED,
        subject_id=account.id,
        actor_id=account.id,
        changes={"method": method},
    )
    mail.tell_unlocked(ctx, account)
    return transactions.save(ctx, transaction, unlock=None, unlock_link=None, unlocked=True)


def _record_refusal(ctx: Context, transaction: Transaction, refused: Refused, method: str) -> None:
    """Record a wrong code or link; whom it was for is known by the name that this tab asked for."""
    changes = {"method": method}
    if typed := typed_name(transaction):
        name = attempts.identifier_counter(ctx, accounts.identifier_key(ctx, typed))
        changes["identifier_hash"] = name.key
    record(ctx, Event.UNLOCK_COMPLETED, outcome="failure", reason=refused.key, changes=changes)


def _record_request(ctx: Context, typed: str, account: Account | None) -> None:
    name = attempts.identifier_counter(ctx, accounts.identifier_key(ctx, typed))
    record(
        ctx,
        Event.UNLOCK_REQUESTED,
        subject_id=account.id if account else None,
        changes={"identifier_hash": name.key},
    )


def _asked_at(transaction: Transaction, typed: str) -> list[datetime]:
    """Return when this tab asked for the same name; another name is no repetition."""
    moments = []
    if typed == typed_name(transaction):
        moments = transaction.progress["unlock"]["asked_at"]
    return [datetime.fromisoformat(moment) for moment in moments]


def _kept_token(ctx: Context, transaction: Transaction) -> str | None:
    sealed = transaction.progress.get("unlock_link")
    return ctx.sealing.open(sealed, bound_to=_bound_to(transaction)).decode() if sealed else None


def _bound_to(transaction: Transaction) -> str:
    return f"flow_transaction:unlock_link:{transaction.id}"
