"""When to try again. Pure."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

# A worker that died holds a row for this long. Longer than the slowest delivery (mail: 20 s).
LEASE_SECONDS = 60
_FIRST_WAIT_SECONDS = 5
# An hour without a mail server must not delay mail by much more than itself (fault F-10).
_LONGEST_WAIT_SECONDS = 300
_MOMENT = "$moment"


def wait_seconds(attempts: int, jitter: float) -> float:
    """Return how long to wait after so many attempts (≥1): doubling, 5 s to 5 min.

    jitter: 0 ≤ jitter < 1, chosen anew each time; spreads over the upper half of the wait, so
    that rows which failed together do not come back together.
    """
    longest: int = min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS << min(attempts - 1, 16))
    return longest * (0.5 + jitter / 2)


def packed(payload: Mapping[str, Any]) -> bytes:
    """Return a payload as JSON; besides JSON's own types it may hold moments."""
    return json.dumps(payload, default=_pack_moment).encode()


def unpacked(text: bytes) -> dict[str, Any]:
    """Return the payload again."""
    payload: dict[str, Any] = json.loads(text, object_hook=_unpack_moment)
    return payload


def _pack_moment(value: object) -> dict[str, str]:
    if isinstance(value, datetime):
        return {_MOMENT: value.isoformat()}
    raise TypeError(f"a payload cannot hold a {type(value).__name__}")


def _unpack_moment(value: dict[str, Any]) -> datetime | dict[str, Any]:
    return datetime.fromisoformat(value[_MOMENT]) if set(value) == {_MOMENT} else value
