"""Slows down whoever guesses at a client's secret (case TK-20).

Only failures are counted, in the place that all processes share: per client and address, and per
address alone, since whoever guesses may name any client. So nobody elsewhere can shut a client out,
and a client that proves itself costs no statement.
"""

from datetime import datetime, timedelta

from idp.foundation.context import Context
from idp.foundation.rate_limits.service import LimitName, hit

_MOST = 10_000
_Key = tuple[LimitName, str, str]


class FailureBrake:
    """Remembers in this process who has failed too often, and until when."""

    def __init__(self) -> None:
        self._until: dict[_Key, datetime] = {}

    def holds(self, ctx: Context, client_id: str) -> bool:
        """Tell whether this address has to wait before it may try for this client again."""
        ends = (self._until.get(key) for key in _keys(ctx, client_id))
        return any(until is not None and ctx.now() < until for until in ends)

    def count(self, ctx: Context, client_id: str) -> None:
        """Count a failure; from the limit on the address has to wait."""
        for key in _keys(ctx, client_id):
            if not hit(ctx, *key):
                self._hold(ctx, key)

    def _hold(self, ctx: Context, key: _Key) -> None:
        if len(self._until) >= _MOST:
            self._until.clear()
        seconds = ctx.policies.rate_limits.limits[key[0]].per_seconds
        self._until[key] = ctx.now() + timedelta(seconds=seconds)


def _keys(ctx: Context, client_id: str) -> tuple[_Key, _Key]:
    address = ctx.origin.ip or ""
    return (
        (LimitName.CLIENT_AUTHENTICATION_FAILURES, client_id, address),
        (LimitName.CLIENT_AUTHENTICATION_FAILURES_IP, "", address),
    )
