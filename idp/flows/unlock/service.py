"""Unlocking a password by mail: ends the lock, signs nobody in, leaves the factors' lock alone."""

from idp.flows.unlock import mail
from idp.foundation.audit.events import Event, Outcome
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import SIGN_IN_STATES
from idp.people.accounts.service import Account
from idp.people.credentials import password_locks
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.service import Purpose, Redeemed
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction


def request_code(ctx: Context, transaction: Transaction, typed: str) -> Transaction | Refused:
    """Send a code to the owner if the account of this name is locked; say the same in any case.

    `Refused`: wait (values: seconds) when this very tab asked a moment ago.
    """
    if refused := mailed_codes.too_early(ctx, transaction, Purpose.UNLOCK, typed):
        return refused
    with writing(ctx.db):
        account = accounts.find_by_identifier(ctx, typed)
        owner = account if _is_locked(ctx, typed, account) else None
        _record_request(ctx, typed, account)
        return mailed_codes.request(
            ctx, transaction, Purpose.UNLOCK, typed, owner=owner, template="unlock_code"
        )


def redeem_code(ctx: Context, transaction: Transaction, code: str) -> Transaction | Refused:
    """Unlock by the code typed in the tab that asked; `Refused`: code_not_accepted."""
    with writing(ctx.db):
        redeemed = mailed_codes.redeem_code(ctx, transaction, Purpose.UNLOCK, code)
        return _unlock(ctx, transaction, redeemed, "code")


def redeem_link(ctx: Context, transaction: Transaction) -> Transaction | Refused:
    """Unlock by the kept link; `Refused`: code_not_accepted."""
    with writing(ctx.db):
        redeemed = mailed_codes.redeem_link(ctx, transaction, Purpose.UNLOCK)
        return _unlock(ctx, transaction, redeemed, "link")


def is_unlocked(transaction: Transaction) -> bool:
    """Tell whether this tab has just unlocked an account."""
    return bool(transaction.progress.get("unlocked"))


def _is_locked(ctx: Context, typed: str, account: Account | None) -> bool:
    """Tell whether a living account's password is locked, by whichever of its names."""
    is_locked = password_locks.is_locked(ctx, typed, account)
    return is_locked and account is not None and account.state in SIGN_IN_STATES


def _unlock(
    ctx: Context, transaction: Transaction, redeemed: Redeemed | Refused, method: str
) -> Transaction | Refused:
    if isinstance(redeemed, Refused):
        _record_refusal(ctx, transaction, redeemed, method)
        return redeemed
    account = accounts.get(ctx, redeemed.subject)
    if account is None:
        return Refused("code_not_accepted", "code")
    password_locks.clear(ctx, account)
    record(
        ctx,
        Event.UNLOCK_COMPLETED,
        subject_id=account.id,
        actor_id=account.id,
        changes={"method": method},
    )
    mail.tell_unlocked(ctx, account)
    return transactions.save(ctx, transaction, unlocked=True, **mailed_codes.spent(Purpose.UNLOCK))


def _record_refusal(ctx: Context, transaction: Transaction, refused: Refused, method: str) -> None:
    """Record a wrong code or link; whom it was for is known by the name that this tab asked for."""
    changes = {"method": method}
    if typed := mailed_codes.typed_name(transaction, Purpose.UNLOCK):
        changes["identifier_hash"] = mailed_codes.identifier_hash(ctx, typed)
    record(
        ctx,
        Event.UNLOCK_COMPLETED,
        outcome=Outcome.FAILURE,
        reason=refused.key,
        changes=changes,
    )


def _record_request(ctx: Context, typed: str, account: Account | None) -> None:
    record(
        ctx,
        Event.UNLOCK_REQUESTED,
        subject_id=account.id if account else None,
        changes={"identifier_hash": mailed_codes.identifier_hash(ctx, typed)},
    )
