"""Uses up the `jti` of a client's JWT, in one statement that one caller can win (case TK-18)."""

from datetime import datetime
from typing import cast

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.exc import IntegrityError

from idp.foundation.context import Context
from idp.foundation.ids import secret_hash
from idp.oidc.connections import committing
from idp.oidc.replays.model import UsedJtiRow

_USED = cast("Table", UsedJtiRow.__table__)
_INSERT = insert(_USED)


def use_once(ctx: Context, client_id: str, jti: str, expires_at: datetime) -> bool:
    """Tell whether this client shows this `jti` for the first time, and remember it.

    expires_at: when the JWT would be refused anyway, so that no row is needed after it.
    """
    row = {"client_id": client_id, "jti_hash": secret_hash(jti), "expires_at": expires_at}
    try:
        with committing(ctx) as connection:
            connection.execute(_INSERT, row)
    except IntegrityError:
        return False
    return True


def forget_expired(ctx: Context) -> int:
    """Delete one batch of identifiers whose JWTs are over; return how many."""
    old = (
        select(_USED.c.jti_hash)
        .where(_USED.c.expires_at < ctx.now())
        .limit(ctx.policies.tokens.purge_batch)
    )
    with committing(ctx) as connection:
        gone = connection.execute(
            delete(_USED).where(_USED.c.jti_hash.in_(old), _USED.c.expires_at < ctx.now())
        )
    return gone.rowcount
