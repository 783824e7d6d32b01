"""What a transaction remembers of a registration: typed views of its progress."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, Self

from idp.flows.registration import rules
from idp.foundation.context import Context
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

_DRAFT = "registration_draft"
_AWAITED = "registration_awaited"
_PROOF = "registration_proof"
_LINK = "registration_link"
_TAKEN = "registration_email_taken"
_ALL = (_DRAFT, _AWAITED, _PROOF, _LINK, _TAKEN)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a use case has led a transaction.

    waiting: for the code that was mailed. opened: the account exists and its mailbox is proven.
    anew: the mailbox is proven, everything else is still to be typed. username_taken, email_taken:
    the mailbox is proven, and only therefore may the person know.
    """

    kind: Literal["waiting", "opened", "anew", "username_taken", "email_taken"]
    transaction: Transaction


@dataclass(frozen=True, slots=True)
class Awaited:
    """A mail that was asked for: the registration, where the mail goes, how often, how long.

    until: when the transaction stops waiting.
    """

    registration_id: str
    email: str
    language: str
    mails: int
    mailed_at: datetime
    until: datetime

    def as_json(self) -> dict[str, Any]:
        """Return it as the transaction keeps it."""
        moments = {"mailed_at": self.mailed_at.isoformat(), "until": self.until.isoformat()}
        return asdict(self) | moments

    @classmethod
    def of(cls, transaction: Transaction) -> Self | None:
        """Return what a transaction waits for, or None."""
        kept = transaction.progress.get(_AWAITED)
        if not kept:
            return None
        names = ("mailed_at", "until")
        return cls(**kept | {name: datetime.fromisoformat(kept[name]) for name in names})


@dataclass(frozen=True, slots=True)
class Proof:
    """A mailbox that this transaction's person has shown to be theirs.

    method: "code" or "link". registration_id: what they typed before, when it was they who did.
    """

    email: str
    method: str
    registration_id: str | None = None

    @classmethod
    def of(cls, transaction: Transaction) -> Self | None:
        """Return what a transaction has proven, or None."""
        kept = transaction.progress.get(_PROOF)
        return cls(**kept) if kept else None


def method_of(transaction: Transaction) -> str:
    """Return how the mailbox was proven; ValueError when it was not."""
    proof = Proof.of(transaction)
    if proof is None:
        raise ValueError("this transaction has proven no mailbox")
    return proof.method


def draft_of(ctx: Context, transaction: Transaction | None) -> dict[str, str]:
    """Return what was typed in this tab's earlier steps."""
    kept = transaction.progress.get(_DRAFT) if transaction else None
    return rules.draft_of(kept, ctx.now(), ctx.policies.session.transaction_seconds)


def keep_draft(ctx: Context, transaction: Transaction, values: Mapping[str, str]) -> Transaction:
    """Remember what was typed so far, never a password; inside `writing`."""
    draft = {"values": dict(values), "typed_at": ctx.now().isoformat()}
    return _save(ctx, transaction, **{_DRAFT: draft})


def keep_awaited(ctx: Context, transaction: Transaction, awaited: Awaited) -> Transaction:
    """Remember which mail is awaited; the transaction lives as long; inside `writing`."""
    lives = int((awaited.until - ctx.now()).total_seconds())
    kept = {_AWAITED: awaited.as_json()}
    return transactions.save(ctx, transaction, lives_seconds=lives, **kept)


def keep_proof(ctx: Context, transaction: Transaction, proof: Proof) -> Transaction:
    """Remember that a mailbox is proven; nothing is awaited any more; inside `writing`."""
    kept: dict[str, Any] = {_PROOF: asdict(proof), _AWAITED: None, _LINK: None}
    return transactions.save(ctx, transaction, **kept)


def keep_taken(ctx: Context, transaction: Transaction) -> Transaction:
    """Remember that the proven mailbox has an account, and nothing else; inside `writing`."""
    return transactions.save(ctx, transaction, **{**_nothing(), _TAKEN: True})


def is_taken(transaction: Transaction) -> bool:
    """Tell whether this transaction's person proved a mailbox that has an account."""
    return _TAKEN in transaction.progress


def keep_link(ctx: Context, transaction: Transaction, token: str) -> Transaction:
    """Remember the secret of a mailed link, sealed; inside `writing`."""
    sealed = ctx.sealing.seal(token.encode(), bound_to=_bound_to(transaction))
    kept: dict[str, Any] = {_LINK: sealed}
    return transactions.save(ctx, transaction, **kept)


def link_of(ctx: Context, transaction: Transaction) -> str | None:
    """Return the secret of the link that this transaction began with, or None."""
    sealed = transaction.progress.get(_LINK)
    return ctx.sealing.open(sealed, bound_to=_bound_to(transaction)).decode() if sealed else None


def forget(ctx: Context, transaction: Transaction) -> Transaction:
    """Remember nothing of the registration: the account exists; inside `writing`."""
    return transactions.save(ctx, transaction, **_nothing())


def _nothing() -> dict[str, Any]:
    return dict.fromkeys(_ALL)


def _bound_to(transaction: Transaction) -> str:
    return f"flow_transaction:{_LINK}:{transaction.id}"


def _save(ctx: Context, transaction: Transaction, **progress: Any) -> Transaction:
    """Keep progress without cutting short the wait for a mail."""
    awaited = Awaited.of(transaction)
    lives = int((awaited.until - ctx.now()).total_seconds()) if awaited else None
    return transactions.save(ctx, transaction, lives_seconds=lives, **progress)
