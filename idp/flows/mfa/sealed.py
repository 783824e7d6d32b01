"""What waits in a transaction until everything is confirmed: sealed, bound to it and its person.

Secrets are made here and never named by a browser (case MF-10); what another person began in the
same tab counts as nothing.
"""

import json
from collections.abc import Mapping
from typing import Any

from idp.foundation.context import Context
from idp.foundation.sealing import SealBroken
from idp.people.accounts.service import Account
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction


def keep(
    ctx: Context, transaction: Transaction, account: Account, name: str, value: Mapping[str, Any]
) -> Transaction:
    """Keep a value under a name of the transaction's progress; inside `writing`."""
    bound_to = _bound_to(transaction, account, name)
    progress: dict[str, Any] = {
        name: ctx.sealing.seal(json.dumps(value).encode(), bound_to=bound_to)
    }
    return transactions.save(ctx, transaction, **progress)


def read(ctx: Context, transaction: Transaction, account: Account, name: str) -> dict[str, Any]:
    """Return what waits under a name for this person; {} when nothing does."""
    sealed = transaction.progress.get(name)
    if not sealed:
        return {}
    try:
        text = ctx.sealing.open(sealed, bound_to=_bound_to(transaction, account, name))
    except SealBroken:
        return {}
    opened: dict[str, Any] = json.loads(text)
    return opened


def _bound_to(transaction: Transaction, account: Account, name: str) -> str:
    return f"flow_transaction:{name}:{transaction.id}:{account.id}"
