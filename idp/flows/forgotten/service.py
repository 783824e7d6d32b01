"""Resetting a password: the mailbox is proven, then the second factor, then a new one is chosen.

It signs nobody in (case RC-08), and what somebody else asks for changes nothing for the owner.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from idp.flows.forgotten import rules
from idp.foundation.audit.events import Event, Outcome
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people import password_changes
from idp.people.accounts import dormancy
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.credentials import factors, passwords, recovery_codes
from idp.web import proven
from idp.web.mailed_codes import service as mailed_codes
from idp.web.mailed_codes.service import Purpose, Redeemed
from idp.web.proven import SECOND_FACTOR
from idp.web.sessions import replace_cookie
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

NEW_PASSWORD = "/forgot-password/new"
_PURPOSE = Purpose.PASSWORD_RESET
_PROOF = "password_reset_proof"
_DONE = "password_reset_done"
_NOT_ACCEPTED = Refused("code_not_accepted", "code")


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a way goes on to: a path of ours, with the way's own transaction."""

    transaction: Transaction
    path: str


def request_code(ctx: Context, transaction: Transaction, typed: str) -> Transaction | Refused:
    """Send a code to the owner of a name, if there is one; say the same in any case.

    The owner of an archived account gets the link that brings it back instead (case RC-11).
    `Refused`: wait (values: seconds) when this very tab asked a moment ago.
    """
    if refused := mailed_codes.too_early(ctx, transaction, _PURPOSE, typed):
        return refused
    with writing(ctx.db):
        account = accounts.find_by_identifier(ctx, typed)
        owner = account if _may_reset(ctx, account) else None
        dormancy.ask_restore(ctx, account.id if account else "")
        record(
            ctx,
            Event.PASSWORD_RESET_REQUESTED,
            subject_id=account.id if account else None,
            changes={"identifier_hash": mailed_codes.identifier_hash(ctx, typed)},
        )
        return mailed_codes.request(
            ctx, transaction, _PURPOSE, typed, owner=owner, template="password_reset"
        )


def redeem_code(ctx: Context, transaction: Transaction, code: str) -> Onward | Refused:
    """Prove the mailbox by the code typed in the tab that asked; `Refused`: code_not_accepted."""
    with writing(ctx.db):
        redeemed = mailed_codes.redeem_code(ctx, transaction, _PURPOSE, code)
        return _go_on(ctx, transaction, redeemed, "code")


def redeem_link(ctx: Context, browser_digest: str, transaction: Transaction) -> Onward | Refused:
    """Prove the mailbox by the kept link; `Refused`: code_not_accepted.

    In the browser that asked for the mail, the way of the asking tab goes on here.
    """
    with writing(ctx.db):
        redeemed = mailed_codes.redeem_link(ctx, transaction, _PURPOSE)
        onward = transaction
        if isinstance(redeemed, Redeemed):
            onward = mailed_codes.first_tab(ctx, browser_digest, transaction, redeemed)
        return _go_on(ctx, onward, redeemed, "link")


def resetting(ctx: Context, transaction: Transaction) -> Account | None:
    """Return whose password this tab may set now; None: a proof is missing, or over.

    A proof is worth as long as a transaction that waits, and nothing once the password is another
    one than when the mailbox was proven: of several tabs one wins (case RC-02). Nor is it worth
    anything once the owner said that it was somebody else.
    """
    proof = transaction.progress.get(_PROOF)
    if not proof or _is_over(ctx, proof):
        return None
    account = accounts.get(ctx, proof["account_id"])
    if account is None or not _may_reset(ctx, account):
        return None
    if not _speaks_of(ctx, account, proof):
        return None
    if _needs_factor(ctx, account):
        shown = proven.shown_factor(ctx, transaction)
        return account if shown and shown.id == account.id else None
    return account


def set_password(ctx: Context, transaction: Transaction, password: str) -> Transaction | Refused:
    """Set a judged password and end what the former one opened; the person then signs in.

    `Refused`: finished_elsewhere, when another tab or way has changed it meanwhile.
    """
    password_hash = passwords.make_hash(ctx, password)
    with writing(ctx.db):
        proof = transaction.progress.get(_PROOF, {})
        accounts.hold(ctx, proof.get("account_id", ""))  # "this wasn't me" waits, or came first
        account, chosen_at = resetting(ctx, transaction), _chosen_at(proof)
        if account is None or not passwords.replace_hash(
            ctx, account.id, password_hash, chosen_at=chosen_at
        ):
            return Refused("finished_elsewhere")
        password_changes.settle(ctx, account, "password_reset")
        done: dict[str, Any] = {_PROOF: None, _DONE: True}
        return transactions.save(ctx, transaction, **done)


def is_done(transaction: Transaction) -> bool:
    """Tell whether this tab has just set a new password."""
    return bool(transaction.progress.get(_DONE))


def _go_on(
    ctx: Context, transaction: Transaction, redeemed: Redeemed | Refused, method: str
) -> Onward | Refused:
    """Note the proven mailbox, and lead to the factor that is still owed."""
    account = None if isinstance(redeemed, Refused) else accounts.get(ctx, redeemed.subject)
    if account is None or not _may_reset(ctx, account):
        _record_refusal(ctx, transaction, method)
        return _NOT_ACCEPTED
    record(
        ctx,
        Event.PASSWORD_RESET_PROVEN,
        subject_id=account.id,
        changes={"method": method},
    )
    kept: dict[str, Any] = {_PROOF: _proof(ctx, account), **mailed_codes.spent(_PURPOSE)}
    saved = transactions.save(ctx, transaction, **kept)
    if not _needs_factor(ctx, account):
        replace_cookie(ctx)  # as proving does: a planted cookie is worth nothing (case SE-01)
        return Onward(saved, NEW_PASSWORD)
    proved = proven.prove(ctx, saved, account, goes_to=NEW_PASSWORD)
    return Onward(proved, SECOND_FACTOR)


def _may_reset(ctx: Context, account: Account | None) -> bool:
    """Ask the same of the database for a name that nobody has."""
    chosen_at = passwords.changed_at(ctx, account.id if account else "")
    return account is not None and rules.may_reset(
        account.state,
        is_mailbox_proven=account.email_verified_at is not None,
        has_password=chosen_at is not None,
    )


def _needs_factor(ctx: Context, account: Account) -> bool:
    left = factors.count(ctx, account.id) + recovery_codes.left(ctx, account.id)
    had = account.last_signed_in_at is not None or account.freeze_reason == "recovery"
    return rules.needs_factor(account.state, has_factor=left > 0, had_factor=had)


def _proof(ctx: Context, account: Account) -> dict[str, str]:
    chosen_at = passwords.changed_at(ctx, account.id)
    return {
        "account_id": account.id,
        "chosen_at": chosen_at.isoformat() if chosen_at else "",
        "must_reset_since": _must_reset_since(ctx, account),
        "at": ctx.now().isoformat(),
    }


def _speaks_of(ctx: Context, account: Account, proof: Mapping[str, str]) -> bool:
    """Tell whether the account's password is as it was when the mailbox was proven."""
    is_same = passwords.changed_at(ctx, account.id) == _chosen_at(proof)
    return is_same and proof.get("must_reset_since", "") == _must_reset_since(ctx, account)


def _must_reset_since(ctx: Context, account: Account) -> str:
    since = passwords.must_reset_since(ctx, account.id)
    return since.isoformat() if since else ""


def _chosen_at(proof: Mapping[str, str]) -> datetime | None:
    """Return of which password the proof speaks: each of an account has a moment of its own."""
    return datetime.fromisoformat(proof["chosen_at"]) if proof.get("chosen_at") else None


def _is_over(ctx: Context, proof: Mapping[str, str]) -> bool:
    longest = timedelta(seconds=ctx.policies.session.transaction_seconds)
    return ctx.now() >= datetime.fromisoformat(proof["at"]) + longest


def _record_refusal(ctx: Context, transaction: Transaction, method: str) -> None:
    """Record a wrong code or link; whom it was for is known by the name that this tab asked for."""
    changes = {"method": method}
    if typed := mailed_codes.typed_name(transaction, _PURPOSE):
        changes["identifier_hash"] = mailed_codes.identifier_hash(ctx, typed)
    record(
        ctx,
        Event.PASSWORD_RESET_PROVEN,
        outcome=Outcome.FAILURE,
        reason=_NOT_ACCEPTED.key,
        changes=changes,
    )
