"""Use of recognised browsers: told apart by a cookie of their own, which never replaces a factor.

Functions that change something are called inside `writing`.
"""

from sqlalchemy import delete, select

from idp.foundation.context import Context
from idp.people.browsers.model import KnownBrowser

__all__ = ["KnownBrowser", "forget_expired"]


def forget_expired(ctx: Context, limit: int = 500) -> int:
    """Delete a batch of browsers whose time is over; return how many; inside `writing`."""
    old = select(KnownBrowser.id).where(KnownBrowser.expires_at < ctx.now()).limit(limit)
    gone = delete(KnownBrowser).where(KnownBrowser.id.in_(old)).returning(KnownBrowser.id)
    return len(ctx.db.scalars(gone).all())
