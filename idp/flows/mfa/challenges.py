"""The challenge that a passkey answers: of one transaction, for one purpose, worth one answer.

W3C Web Authentication Level 3, section 13.4.3: random, made here, never taken twice.
"""

import secrets
from datetime import datetime, timedelta
from typing import Literal

from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

# sign_in: whoever comes; factor: of somebody half-way; new: of somebody who adds a passkey.
Purpose = Literal["sign_in", "factor", "new"]
_BYTES = 32


def begin(
    ctx: Context, transaction: Transaction, purpose: Purpose, account_id: str | None = None
) -> bytes:
    """Return a new challenge, the only one of its transaction from now on."""
    challenge = secrets.token_bytes(_BYTES)
    noted = {
        "value": bytes_to_base64url(challenge),
        "purpose": purpose,
        "account_id": account_id,
        "at": ctx.now().isoformat(),
    }
    with writing(ctx.db):
        transactions.save(ctx, transaction, passkey_challenge=noted)
    return challenge


def take(
    ctx: Context, transaction: Transaction, purpose: Purpose, account_id: str | None = None
) -> bytes | None:
    """Use the transaction's challenge up and return it; inside `writing`.

    None: there is none, it was for something or somebody else, or it is too old. The row is
    locked from here on, so that of two answers at once one finds it.
    """
    noted = transactions.save(ctx, transaction).progress.get("passkey_challenge")
    if not noted:
        return None
    transactions.save(ctx, transaction, passkey_challenge=None)
    longest = timedelta(seconds=ctx.policies.mfa.passkey_challenge_seconds)
    is_late = ctx.now() >= datetime.fromisoformat(noted["at"]) + longest
    is_other = (noted["purpose"], noted["account_id"]) != (purpose, account_id)
    return None if is_late or is_other else base64url_to_bytes(noted["value"])
