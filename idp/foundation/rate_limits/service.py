"""Asking whether something may be tried once more."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Engine

from idp.foundation.clock import Clock
from idp.foundation.context import Context, Parts
from idp.foundation.digests import Digests
from idp.foundation.policy_models.rate_limits import LimitName
from idp.foundation.rate_limits.fallback import FallbackWindows
from idp.foundation.rate_limits.redis_windows import RedisWindows
from idp.foundation.rate_limits.rules import countable
from idp.foundation.rate_limits.sql_windows import SqlWindows
from idp.foundation.rate_limits.windows import Hit, Windows

__all__ = ["Asked", "LimitName", "hit", "hit_all", "is_within", "purge", "windows_of"]

# A limit, and the keys of what is counted by it.
Asked = tuple[LimitName, *tuple[str, ...]]


def hit(ctx: Context, name: LimitName, *keys: str) -> bool:
    """Count one try of what the keys name (an address, an identifier); False: too many.

    Call it before the use case, outside of `writing` (RuntimeError inside): it commits by
    itself, so that a try counts whatever happens to the request. Keys are stored hashed, IPv6
    addresses by their /64.
    """
    _refuse_inside_writing(ctx)
    limit = ctx.policies.rate_limits.limits[name]
    return _windows(ctx).acquire(_key(name, keys), limit.amount, limit.per_seconds)


def hit_all(ctx: Context, wanted: Sequence[Asked]) -> bool:
    """Count one try against several limits at once, each with its keys; False: one is reached.

    As `hit`, in one commit. Every limit that still has room counts the try, whatever the others
    say: a guesser who is refused by one limit spares none of the rest.
    """
    _refuse_inside_writing(ctx)
    limits = ctx.policies.rate_limits.limits
    hits = [
        Hit(_key(name, keys), limits[name].amount, limits[name].per_seconds)
        for name, *keys in wanted
    ]
    return _windows(ctx).acquire_all(hits)


def is_within(ctx: Context, name: LimitName, *keys: str) -> bool:
    """Tell whether a hit would be allowed, without counting one."""
    limit = ctx.policies.rate_limits.limits[name]
    reading = _windows(ctx).read(_key(name, keys), limit.per_seconds)
    return reading.allows(limit.amount)


def purge(ctx: Context) -> int:
    """Delete counts whose time is over; outside of `writing`."""
    _refuse_inside_writing(ctx)
    return SqlWindows(_engine(ctx), ctx.clock, ctx.digests).purge()


def windows_of(parts: Parts, engine: Engine) -> Windows:
    """Return the place that counts: Redis with the database behind it, or the database alone."""
    url = parts.settings.redis_url
    if url is None:
        return SqlWindows(engine, parts.clock, parts.digests)
    clock = parts.clock
    return _with_redis(url.get_secret_value(), engine, clock, parts.digests)  # type: ignore[arg-type]  # a protocol, yet every clock hashes by identity


# One pool of connections and one memory of "Redis is away" in each process.
@lru_cache(maxsize=4)
def _with_redis(url: str, engine: Engine, clock: Clock, digests: Digests) -> Windows:
    sql = SqlWindows(engine, clock, digests)
    return FallbackWindows(RedisWindows(url, clock, digests), sql, clock)


def _windows(ctx: Context) -> Windows:
    return windows_of(ctx.parts, _engine(ctx))


def _engine(ctx: Context) -> Engine:
    bind = ctx.db.get_bind()
    return bind if isinstance(bind, Engine) else bind.engine


def _key(name: LimitName, keys: Sequence[str]) -> str:
    return ":".join((name.value, *map(countable, keys)))


def _refuse_inside_writing(ctx: Context) -> None:
    if ctx.db.info.get("writing"):
        raise RuntimeError("count tries before the use case, not inside its transaction")
