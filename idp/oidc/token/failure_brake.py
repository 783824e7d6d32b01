"""Slows down whoever guesses at a client's secret (case TK-20).

Only failures are counted, in the place that all processes share, per client and address: so
nobody elsewhere can shut the client out, and a client that proves itself costs no statement.
"""

from datetime import datetime, timedelta

from idp.foundation.context import Context
from idp.foundation.rate_limits.service import LimitName, hit

_LIMIT = LimitName.CLIENT_AUTHENTICATION_FAILURES
_MOST = 10_000
_Key = tuple[str, str]


class FailureBrake:
    """Remembers in this process who has failed too often, and until when."""

    def __init__(self) -> None:
        self._until: dict[_Key, datetime] = {}

    def holds(self, ctx: Context, client_id: str) -> bool:
        """Tell whether this address has to wait before it may try for this client again."""
        until = self._until.get(_key(ctx, client_id))
        return until is not None and ctx.now() < until

    def count(self, ctx: Context, client_id: str) -> None:
        """Count a failure; from the limit on the address has to wait."""
        key = _key(ctx, client_id)
        if hit(ctx, _LIMIT, *key):
            return
        if len(self._until) >= _MOST:
            self._until.clear()
        seconds = ctx.policies.rate_limits.limits[_LIMIT].per_seconds
        self._until[key] = ctx.now() + timedelta(seconds=seconds)


def _key(ctx: Context, client_id: str) -> _Key:
    return client_id[:128], ctx.origin.ip or ""
