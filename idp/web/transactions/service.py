"""Use of transactions: begin, load, keep progress, complete once.

The handle travels in `?tx=` and in a hidden field; the row keeps its SHA-256 only, and the
browser's. A later step cannot be reached by its address alone (security principle 3).
Functions that change something are called inside `writing`.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from idp.foundation.context import Context
from idp.foundation.ids import new_id, new_secret, secret_hash
from idp.web.transactions.model import TransactionRow

_KEPT_FOR_RESTART = timedelta(hours=1)
_HANDLE = re.compile(r"[A-Za-z0-9_-]{43}\Z")


@dataclass(frozen=True, slots=True)
class ClientNote:
    """What pages need to know of the application that sent the person.

    restart_uri: where a stale tab begins again (the application's initiate_login_uri or home);
    origin: where a form's last redirect may lead (CSP form-action).
    """

    id: str
    name: str
    restart_uri: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One tab's way, as loaded for this request."""

    id: str
    handle: str
    return_to: str
    client: ClientNote | None
    authorization: Mapping[str, Any] | None
    progress: Mapping[str, Any]
    created_at: datetime
    expires_at: datetime


class TransactionOver(Exception):
    """The transaction was finished or forgotten while this request was on its way."""

    def __init__(self, transaction: Transaction) -> None:
        """transaction: as this request had loaded it."""
        super().__init__("transaction over")
        self.transaction = transaction


def begin(
    ctx: Context,
    browser_digest: str,
    *,
    return_to: str,
    client: ClientNote | None = None,
    authorization: Mapping[str, Any] | None = None,
) -> Transaction:
    """Begin a transaction for this browser.

    return_to: the provider's own path (never a foreign address) that the finished way leads to;
    `?tx=` is added to it when the transaction carries an authorization request.
    """
    handle = new_secret()
    row = TransactionRow(
        id=new_id(),
        handle_hash=secret_hash(handle),
        browser_hash=browser_digest,
        return_to=return_to,
        client=asdict(client) if client else None,
        authorization=dict(authorization) if authorization else None,
        progress={},
        created_at=ctx.now(),
        expires_at=_idle_end(ctx),
    )
    ctx.db.add(row)
    ctx.db.flush()
    return _read(row, handle)


def load(ctx: Context, browser_digest: str, handle: str) -> Transaction | None:
    """Return the transaction of a handle if it lives, is unfinished, and is this browser's."""
    row = _row(ctx, handle)
    if row is None or row.browser_hash != browser_digest or row.completed_at is not None:
        return None
    return _read(row, handle) if ctx.now() < row.expires_at else None


def load_completed(ctx: Context, browser_digest: str, handle: str) -> Transaction | None:
    """Return a transaction that was completed in this browser: for the endpoint it leads to."""
    row = _row(ctx, handle)
    if row is None or row.browser_hash != browser_digest or row.completed_at is None:
        return None
    return _read(row, handle) if ctx.now() < row.expires_at else None


def is_open_in(ctx: Context, browser_digest: str, transaction_id: str) -> bool:
    """Tell whether a transaction lives, unfinished, in this browser: in whichever tab."""
    return _row_of(ctx, browser_digest, transaction_id) is not None


def take_over(ctx: Context, browser_digest: str, transaction_id: str) -> Transaction | None:
    """Go on in this tab with what another tab of the same browser began; inside `writing`.

    The transaction gets a new handle, so the other tab is stale from now on. None when it does
    not live here.
    """
    row = _row_of(ctx, browser_digest, transaction_id)
    if row is None:
        return None
    handle = new_secret()
    row.handle_hash = secret_hash(handle)
    ctx.db.flush()
    return _read(row, handle)


def client_of_stale(ctx: Context, handle: str) -> ClientNote | None:
    """Return the application of a handle that no longer works, so that its tab can begin again."""
    row = _row(ctx, handle)
    return ClientNote(**row.client) if row and row.client else None


def save(
    ctx: Context, transaction: Transaction, *, lives_seconds: int | None = None, **progress: Any
) -> Transaction:
    """Keep progress under the given names (None removes one) and count it as activity.

    lives_seconds: how long the transaction waits from now, when longer than the idle time (it
    waits for a mailed code). The row is locked from the reading to the end of the use case, so
    that of two tabs at once neither brings back what the other took away. Raises
    TransactionOver when it was finished or forgotten meanwhile.
    """
    row = _locked(ctx, transaction)
    if row.completed_at is not None:
        raise TransactionOver(transaction)
    return _keep(ctx, transaction, row, progress, lives_seconds or 0)


def save_afterwards(ctx: Context, transaction: Transaction, **progress: Any) -> Transaction:
    """Keep progress of a way whose sign-in is finished: for the pages that it then leads to.

    Raises TransactionOver when it was forgotten meanwhile.
    """
    return _keep(ctx, transaction, _locked(ctx, transaction), progress, 0)


def _locked(ctx: Context, transaction: Transaction) -> TransactionRow:
    row = ctx.db.get(TransactionRow, transaction.id, with_for_update=True, populate_existing=True)
    if row is None:
        raise TransactionOver(transaction)
    return row


def _keep(
    ctx: Context,
    transaction: Transaction,
    row: TransactionRow,
    progress: Mapping[str, Any],
    lives_seconds: int,
) -> Transaction:
    merged = {**row.progress, **progress}
    row.progress = {name: value for name, value in merged.items() if value is not None}
    wanted = ctx.now() + timedelta(seconds=lives_seconds)
    row.expires_at = max(_idle_end(ctx), wanted)
    ctx.db.flush()
    return replace(transaction, progress=row.progress, expires_at=row.expires_at)


def complete(ctx: Context, transaction: Transaction) -> bool:
    """Mark as finished, in one statement; tell whether this call did it: it can be done once."""
    done = ctx.db.execute(
        update(TransactionRow)
        .where(TransactionRow.id == transaction.id, TransactionRow.completed_at.is_(None))
        .values(completed_at=ctx.now(), expires_at=_idle_end(ctx))
        .returning(TransactionRow.id)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None


def forget(ctx: Context, transaction: Transaction) -> bool:
    """Delete a transaction; tell whether it was still there: what it leads to happens once."""
    gone = ctx.db.execute(
        delete(TransactionRow)
        .where(TransactionRow.id == transaction.id)
        .returning(TransactionRow.id)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None


def rebind(ctx: Context, old_digest: str, new_digest: str) -> None:
    """Move a browser's transactions to its new cookie; the old cookie loses them."""
    ctx.db.execute(
        update(TransactionRow)
        .where(TransactionRow.browser_hash == old_digest)
        .values(browser_hash=new_digest)
        .execution_options(synchronize_session=False)
    )


def forget_expired(ctx: Context, limit: int = 500) -> int:
    """Delete a batch of transactions past their time; return how many; inside `writing`.

    An hour later, so that tabs can restart; not longer, since anybody can begin them.
    """
    before = ctx.now() - _KEPT_FOR_RESTART
    old = select(TransactionRow.id).where(TransactionRow.expires_at < before).limit(limit)
    gone = ctx.db.scalars(
        delete(TransactionRow)
        .where(TransactionRow.id.in_(old))
        .returning(TransactionRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _row(ctx: Context, handle: str) -> TransactionRow | None:
    if not _HANDLE.match(handle):
        return None
    return ctx.db.scalar(
        select(TransactionRow).where(TransactionRow.handle_hash == secret_hash(handle))
    )


def _row_of(ctx: Context, browser_digest: str, transaction_id: str) -> TransactionRow | None:
    row = ctx.db.get(TransactionRow, transaction_id)
    if row is None or row.browser_hash != browser_digest or row.completed_at is not None:
        return None
    return row if ctx.now() < row.expires_at else None


def _read(row: TransactionRow, handle: str) -> Transaction:
    return Transaction(
        id=row.id,
        handle=handle,
        return_to=row.return_to,
        client=ClientNote(**row.client) if row.client else None,
        authorization=row.authorization,
        progress=row.progress,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _idle_end(ctx: Context) -> datetime:
    return ctx.now() + timedelta(seconds=ctx.policies.session.transaction_seconds)
