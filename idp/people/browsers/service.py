"""Use of recognised browsers: told apart by a cookie of their own, which never replaces a factor.

Functions that change something are called inside `writing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select, update

from idp.foundation.context import Context
from idp.foundation.ids import new_id, new_secret, secret_hash
from idp.people.browsers.model import KnownBrowser

__all__ = ["Kept", "KnownBrowser", "end", "end_all", "find", "forget_expired", "keep", "listed"]

_LONGEST_USER_AGENT = 256


@dataclass(frozen=True, slots=True)
class Kept:
    """A browser that is recognised from now on.

    secret: for its cookie and nowhere else. is_new: it was not recognised before.
    """

    id: str
    secret: str
    is_new: bool


def find(ctx: Context, account_id: str, secret: str) -> str | None:
    """Return the key of the recognised browser that a cookie's secret and an account belong to.

    None for a secret that is unknown, forged, ended, too old, or another account's (case MF-15).
    """
    found = select(KnownBrowser.id).where(
        KnownBrowser.secret_hash == secret_hash(secret), *_living(ctx, account_id)
    )
    return ctx.db.scalar(found)


def keep(ctx: Context, account_id: str, secret: str | None) -> Kept:
    """Recognise a browser in which an account was signed in to completely; inside `writing`.

    secret: of the cookie that the browser came with. Each sign-in gives it a new one, so that a
    copied cookie is worth nothing after its owner's next sign-in. A browser is recognised for one
    account: what it was for another ends.
    """
    if secret and (known := _renew(ctx, account_id, secret)):
        return known
    if secret:
        _end(ctx, KnownBrowser.secret_hash == secret_hash(secret))
    kept = Kept(new_id(), new_secret(), is_new=True)
    row = KnownBrowser(id=kept.id, account_id=account_id, created_at=ctx.now())
    for name, value in _present(ctx, kept.secret).items():
        setattr(row, name, value)
    ctx.db.add(row)
    ctx.db.flush()
    return kept


def listed(ctx: Context, account_id: str) -> Sequence[KnownBrowser]:
    """Return the browsers that are recognised for an account, the last used first."""
    return ctx.db.scalars(
        select(KnownBrowser)
        .where(*_living(ctx, account_id))
        .order_by(KnownBrowser.last_used_at.desc(), KnownBrowser.id.desc())
    ).all()


def end(ctx: Context, account_id: str, browser_id: str) -> bool:
    """Recognise one browser of an account no longer; False when there is none of theirs."""
    return _end(ctx, KnownBrowser.id == browser_id, *_living(ctx, account_id)) > 0


def end_all(ctx: Context, account_id: str) -> int:
    """Recognise no browser of an account any more; return how many there were."""
    return _end(ctx, KnownBrowser.account_id == account_id)


def forget_expired(ctx: Context, limit: int = 500) -> int:
    """Delete a batch of browsers whose time is over; return how many; inside `writing`."""
    old = select(KnownBrowser.id).where(KnownBrowser.expires_at < ctx.now()).limit(limit)
    gone = delete(KnownBrowser).where(KnownBrowser.id.in_(old)).returning(KnownBrowser.id)
    return len(ctx.db.scalars(gone).all())


def _renew(ctx: Context, account_id: str, secret: str) -> Kept | None:
    """Give a recognised browser its next secret, in one statement: of two at once one wins."""
    new = new_secret()
    browser_id = ctx.db.scalar(
        update(KnownBrowser)
        .where(KnownBrowser.secret_hash == secret_hash(secret), *_living(ctx, account_id))
        .values(**_present(ctx, new))
        .returning(KnownBrowser.id)
        .execution_options(synchronize_session=False)
    )
    return Kept(browser_id, new, is_new=False) if browser_id else None


def _present(ctx: Context, secret: str) -> dict[str, object]:
    """Return the columns that say what the browser is at this sign-in."""
    return {
        "secret_hash": secret_hash(secret),
        "user_agent": (ctx.origin.user_agent or "")[:_LONGEST_USER_AGENT],
        "ip": ctx.origin.ip or "",
        "last_used_at": ctx.now(),
        "expires_at": ctx.now() + timedelta(seconds=ctx.policies.session.known_browser_seconds),
    }


def _living(ctx: Context, account_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        KnownBrowser.account_id == account_id,
        KnownBrowser.ended_at.is_(None),
        KnownBrowser.expires_at > ctx.now(),
    )


def _end(ctx: Context, *which: ColumnElement[bool]) -> int:
    ended = ctx.db.scalars(
        update(KnownBrowser)
        .where(KnownBrowser.ended_at.is_(None), *which)
        .values(ended_at=ctx.now())
        .returning(KnownBrowser.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())
