"""Replacing a lost factor: asked for with password and mailbox, used with link and password."""

from idp.foundation.audit.events import Event, Outcome
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.credentials import password_check
from idp.people.lost_factors import service as lost_factors
from idp.people.lost_factors.service import LostFactor
from idp.web import proven
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.service import Purpose
from idp.web.proven import Proven
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

DEAD_LINK = Refused("link_dead")


def request_code(ctx: Context, transaction: Transaction, half: Proven) -> Transaction | Refused:
    """Mail the code that proves the mailbox, to a person whose password was right in this tab.

    `Refused`: wait (values: seconds), or why no recovery may begin (lost_factors.refusal).
    """
    account = half.account
    if refused := mailed_codes.too_early(ctx, transaction, Purpose.MFA_RECOVERY, account.username):
        return refused
    with writing(ctx.db):
        return lost_factors.refusal(ctx, account) or mailed_codes.request(
            ctx,
            transaction,
            Purpose.MFA_RECOVERY,
            account.username,
            owner=account,
            template="recovery_code",
        )


def has_asked(transaction: Transaction) -> bool:
    """Tell whether this tab has asked for the code."""
    return mailed_codes.typed_name(transaction, Purpose.MFA_RECOVERY) is not None


def begin(ctx: Context, transaction: Transaction, half: Proven, code: str) -> LostFactor | Refused:
    """Begin the wait by the code typed in the tab that asked.

    `Refused`: code_not_accepted, or why no recovery may begin.
    """
    with writing(ctx.db):
        redeemed = mailed_codes.redeem_code(ctx, transaction, Purpose.MFA_RECOVERY, code)
        if isinstance(redeemed, Refused) or redeemed.subject != half.account.id:
            _record_wrong_code(ctx, half.account)
            return Refused("code_not_accepted", "code")
        transactions.save(ctx, transaction, **mailed_codes.spent(Purpose.MFA_RECOVERY))
        return lost_factors.ask(ctx, half.account)


def stop(ctx: Context, account_id: str) -> bool:
    """Cancel the open recovery of whoever asks on a page of their own; False without one."""
    with writing(ctx.db):
        return lost_factors.cancel_open(ctx, account_id, "page")


def cancel_by_link(ctx: Context, transaction: Transaction) -> Transaction | Refused:
    """Cancel by the kept link; `Refused`: link_dead, also when there is nothing left to cancel."""
    with writing(ctx.db):
        redeemed = mailed_codes.redeem_link(ctx, transaction, Purpose.MFA_RECOVERY_CANCEL)
        if isinstance(redeemed, Refused):
            return DEAD_LINK
        if not lost_factors.cancel(ctx, redeemed.subject, "link"):
            return DEAD_LINK
        spent = mailed_codes.spent(Purpose.MFA_RECOVERY_CANCEL)
        return transactions.save(ctx, transaction, recovery_cancelled=True, **spent)


def is_cancelled(transaction: Transaction) -> bool:
    """Tell whether this tab has just cancelled a recovery."""
    return bool(transaction.progress.get("recovery_cancelled"))


def can_be_cancelled(ctx: Context, transaction: Transaction) -> bool:
    """Tell whether the kept link would cancel a recovery; asking uses nothing up."""
    peeked = mailed_codes.peek_link(ctx, transaction, Purpose.MFA_RECOVERY_CANCEL)
    found = lost_factors.get(ctx, peeked.subject) if peeked else None
    return found is not None and found.state in {"waiting", "ready"}


def replacing(ctx: Context, transaction: Transaction) -> Account | None:
    """Return whose factors the kept link replaces; None when it does not work (any more)."""
    peeked = mailed_codes.peek_link(ctx, transaction, Purpose.MFA_REPLACEMENT)
    found = lost_factors.get(ctx, peeked.subject) if peeked else None
    if found is None or lost_factors.open_of(ctx, found.account_id) is None:
        return None
    return accounts.get(ctx, found.account_id)


def replace(
    ctx: Context, transaction: Transaction, account: Account, password: str, browser: str | None
) -> Transaction | Refused:
    """End every former factor, after the password once more; the person enrols a new one next.

    account: as `replacing` said. Counted and locked like a sign-in; browser: the secret by which
    it is recognised. `Refused`: as password_check says; link_dead.
    """
    return password_check.check(
        ctx,
        account.username,
        password,
        lambda owner: _replace(ctx, transaction, owner),
        browser,
    )


def _replace(ctx: Context, transaction: Transaction, owner: Account) -> Transaction | Refused:
    found = replacing(ctx, transaction)
    if found is None or found.id != owner.id:
        return DEAD_LINK
    redeemed = mailed_codes.redeem_link(ctx, transaction, Purpose.MFA_REPLACEMENT)
    if isinstance(redeemed, Refused):
        return DEAD_LINK
    replaced = lost_factors.complete(ctx, redeemed.subject)
    if replaced is None:
        return DEAD_LINK
    kept = transactions.save(ctx, transaction, **mailed_codes.spent(Purpose.MFA_REPLACEMENT))
    return proven.prove(ctx, kept, replaced)


def _record_wrong_code(ctx: Context, account: Account) -> None:
    record(
        ctx,
        Event.RECOVERY_ASKED,
        outcome=Outcome.FAILURE,
        subject_id=account.id,
        actor_id=account.id,
        reason="code_not_accepted",
    )
