"""Recovery codes: ten printed codes of 80 bits, each of which works once."""

import secrets
from collections.abc import Sequence

from sqlalchemy import delete, func, select, update

from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.people.credentials.model import RecoveryCode

# Crockford's base 32: no I, L, O, U, so that a code survives handwriting.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OIL", "011")
_GROUP = 4


def canonical(typed: str) -> str:
    """Return the one form of a typed code: upper case, letters and digits, O as 0, I and L as 1."""
    kept = "".join(letter for letter in typed.upper() if letter.isalnum())
    return kept.translate(_READ_AS)


def shown(code: str) -> str:
    """Return a code in groups of four, as it is shown and printed."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def make(ctx: Context) -> list[str]:
    """Return a new set of codes, in the shown form; nothing is kept."""
    policy = ctx.policies.mfa
    return [
        shown("".join(secrets.choice(_ALPHABET) for _ in range(policy.recovery_code_characters)))
        for _ in range(policy.recovery_codes)
    ]


def is_among(typed: str, codes: Sequence[str]) -> bool:
    """Tell whether what was typed is one of these codes, however it is written."""
    wanted = canonical(typed)
    return bool(wanted) and wanted in {canonical(code) for code in codes}


def replace(ctx: Context, account_id: str, codes: list[str]) -> None:
    """Make these the person's only codes; inside `writing`."""
    ctx.db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    ctx.db.add_all(
        RecoveryCode(
            id=new_id(),
            account_id=account_id,
            code_hash=_hash(ctx, account_id, code),
            created_at=ctx.now(),
        )
        for code in codes
    )
    ctx.db.flush()


def redeem(ctx: Context, account_id: str, typed: str) -> bool:
    """Use up a code in one statement; tell whether there was one; inside `writing` (case MF-12)."""
    used = ctx.db.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == _hash(ctx, account_id, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=ctx.now())
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


def left(ctx: Context, account_id: str) -> int:
    """Return how many unused codes a person has."""
    query = select(func.count()).where(
        RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    )
    return ctx.db.scalar(query) or 0


def _hash(ctx: Context, account_id: str, code: str) -> str:
    return ctx.digests.keyed(f"recovery_code:{account_id}", canonical(code))
