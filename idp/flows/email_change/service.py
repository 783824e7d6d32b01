"""Changing an address: nothing changes before the new mailbox is proven (case RC-14).

What the asker sees is the same whether the new address can be used or belongs to somebody else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.flows.email_change import mail
from idp.foundation.audit.events import Event, Outcome
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes.spacing import Wait, may_send
from idp.foundation.results import Refused
from idp.foundation.retrying import trying_again
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import canonical_email, deliverable_email, masked_email
from idp.people.accounts.service import Account
from idp.people.credentials import factors
from idp.people.email_changes import service as email_changes
from idp.people.email_changes.service import EmailChange, Kind
from idp.people.lost_factors import service as lost_factors
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.service import Purpose, Redeemed
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

_ASKED = "asked_change"


@dataclass(frozen=True, slots=True)
class Addresses:
    """An account's addresses, what it waits for, and until when nothing can be changed."""

    email: str
    second: str
    waiting: Sequence[EmailChange]
    held_until: datetime | None


def addresses(ctx: Context, account_id: str) -> Addresses:
    """Return what the page shows."""
    account = _account(ctx, account_id)
    return Addresses(
        email=account.email,
        second=account.notification_email,
        waiting=email_changes.waiting(ctx, account_id),
        held_until=factors.held_until(ctx, account),
    )


def ask(
    ctx: Context, transaction: Transaction, account_id: str, kind: Kind, typed: str
) -> Transaction | Refused:
    """Mail a code to the new address and a warning to the present ones.

    typed: checked syntax. `Refused`: same_email, held, wait (values: seconds).
    The owner of an address that has an account is told so instead, by mail alone.
    """
    email = deliverable_email(typed) or ""
    return trying_again(ctx, lambda: _ask(ctx, transaction, account_id, kind, email))


def send_again(
    ctx: Context, transaction: Transaction, account_id: str, change_id: str
) -> Transaction | Refused:
    """Mail a new code for a change that waits; `Refused`: change_over, wait (values: seconds)."""
    with writing(ctx.db):
        account = _account(ctx, account_id)
        change = email_changes.find_waiting(ctx, account_id, change_id)
        if change is None:
            return Refused("change_over")
        if refused := _too_often(ctx, account, change.kind):
            return refused
        return _mail_code(ctx, transaction, account, change)


def give_up(ctx: Context, account_id: str, change_id: str) -> None:
    """Give up a change of this person that still waits; anything else is left alone."""
    with writing(ctx.db):
        if change := email_changes.find_waiting(ctx, account_id, change_id):
            email_changes.drop(ctx, change)


def remove_second(ctx: Context, account_id: str) -> None:
    """Write to the second address no longer; it is told so."""
    with writing(ctx.db):
        account = _account(ctx, account_id)
        if second := account.notification_email:
            accounts.change(ctx, account, {"notification_email": ""})
            _end_links(ctx, account_id)
            mail.tell_removed(ctx, account, second)
            masked = {"address": masked_email(second)}
            record(ctx, Event.SECOND_EMAIL_REMOVED, subject_id=account_id, changes=masked)


def asked_in(ctx: Context, transaction: Transaction, account_id: str) -> EmailChange | None:
    """Return the change that this tab waits for; None when it waits for none of this person."""
    change_id = transaction.progress.get(_ASKED)
    return email_changes.find_waiting(ctx, account_id, change_id) if change_id else None


def linked(ctx: Context, transaction: Transaction, account_id: str) -> EmailChange | None:
    """Return the change that the kept link confirms; None for one of another person."""
    peeked = mailed_codes.peek_link(ctx, transaction, Purpose.EMAIL_CHANGE)
    return email_changes.find_waiting(ctx, account_id, peeked.subject) if peeked else None


def redeem_code(
    ctx: Context, transaction: Transaction, account_id: str, code: str
) -> Refused | None:
    """Make the change by the code; `Refused`: code_not_accepted, held, email_taken, change_over."""

    def redeem() -> Redeemed | Refused:
        return mailed_codes.redeem_code(ctx, transaction, Purpose.EMAIL_CHANGE, code)

    return trying_again(ctx, lambda: _confirm(ctx, transaction, account_id, redeem, "code"))


def redeem_link(ctx: Context, transaction: Transaction, account_id: str) -> Refused | None:
    """Make the change by the kept link, for its owner alone; `Refused` as for the code."""

    def redeem() -> Redeemed | Refused:
        if linked(ctx, transaction, account_id) is None:
            return one_time_codes.NOT_ACCEPTED
        return mailed_codes.redeem_link(ctx, transaction, Purpose.EMAIL_CHANGE)

    return trying_again(ctx, lambda: _confirm(ctx, transaction, account_id, redeem, "link"))


def _ask(
    ctx: Context, transaction: Transaction, account_id: str, kind: Kind, email: str
) -> Transaction | Refused:
    account = _account(ctx, account_id)
    if refused := _refusal(ctx, account, kind, email):
        return refused
    change = email_changes.ask(ctx, account, kind, email)
    mail.tell_asked(ctx, account, change)
    return _mail_code(ctx, transaction, account, change)


def _refusal(ctx: Context, account: Account, kind: Kind, email: str) -> Refused | None:
    present = {account.email_key} if kind == "primary" else {account.email_key, _second(account)}
    if canonical_email(email) in present:
        return Refused("same_email", "email")
    return _held(ctx, account) or _too_often(ctx, account, kind)


def _held(ctx: Context, account: Account) -> Refused | None:
    return Refused("held") if factors.held_until(ctx, account) else None


def _too_often(ctx: Context, account: Account, kind: str) -> Refused | None:
    """Count what one person asks for: nobody mails a list of strangers from here (RC-12)."""
    asked = may_send(ctx, f"{_ASKED}_by:{kind}", account.id)
    return Refused("wait", values={"seconds": asked.seconds}) if isinstance(asked, Wait) else None


def _mail_code(
    ctx: Context, transaction: Transaction, account: Account, change: EmailChange
) -> Transaction:
    """Mail the code, or tell the owner of a taken address; note in the tab what it waits for.

    A code is issued in both cases; the owner's never comes to life, because no mail carries it.
    """
    owner = accounts.living_by_email(ctx, change.new_email)
    if not isinstance(may_send(ctx, Purpose.EMAIL_CHANGE, change.new_email), Wait):
        issued = one_time_codes.issue(
            ctx, Purpose.EMAIL_CHANGE, transaction_id=transaction.id, subject=change.id
        )
        if owner is not None and change.kind == "primary":
            mail.tell_owner(ctx, owner)
        else:
            mail.send_code(ctx, account, change, issued)
    lives_seconds = ctx.policies.one_time_codes.wait_seconds(Purpose.EMAIL_CHANGE)
    return transactions.save(ctx, transaction, lives_seconds=lives_seconds, **{_ASKED: change.id})


def _confirm(
    ctx: Context,
    transaction: Transaction,
    account_id: str,
    redeem: Callable[[], Redeemed | Refused],
    method: str,
) -> Refused | None:
    account = _account(ctx, account_id)
    # Before the code: one that comes too early is not used up.
    redeemed = _held(ctx, account) or redeem()
    if isinstance(redeemed, Refused):
        refused: Refused | None = redeemed
    else:
        refused = _change(ctx, account, redeemed.subject, method)
    if refused:
        _record_refusal(ctx, account_id, refused, method)
        return refused
    spent = mailed_codes.spent(Purpose.EMAIL_CHANGE)
    transactions.save(ctx, transaction, **{_ASKED: None}, **spent)
    return None


def _change(ctx: Context, account: Account, change_id: str, method: str) -> Refused | None:
    change = email_changes.find_waiting(ctx, account.id, change_id)
    if change is None:
        return Refused("change_over")
    refused = email_changes.confirm(ctx, account, change, method)
    if refused is None:
        mail.tell_changed(ctx, account, change)
    return refused


def _end_links(ctx: Context, account_id: str) -> None:
    """Let no notice that the second address got until now protect or stop anything."""
    one_time_codes.void_all(ctx, Purpose.DISAVOWAL, subject=account_id)
    if lost := lost_factors.open_of(ctx, account_id):
        one_time_codes.void_all(ctx, Purpose.MFA_RECOVERY_CANCEL, subject=lost.id)


def _record_refusal(ctx: Context, account_id: str, refused: Refused, method: str) -> None:
    record(
        ctx,
        Event.EMAIL_CHANGED,
        outcome=Outcome.FAILURE,
        subject_id=account_id,
        reason=refused.key,
        changes={"method": method},
    )


def _account(ctx: Context, account_id: str) -> Account:
    account = accounts.get(ctx, account_id)
    if account is None:
        raise LookupError("a session without its account")
    return account


def _second(account: Account) -> str | None:
    return canonical_email(account.notification_email)
