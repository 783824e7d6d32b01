"""What the worker asks of whoever delivers a kind of row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.foundation.context import Context


class TryAgain(Exception):
    """It did not work now. The reason is kept and shown: short, without anything personal."""


class Undeliverable(Exception):
    """It will never work: the row is parked and shown to operators."""


class NotWanted(Exception):
    """Nobody waits for it any more: the row is dropped."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One row while it is being delivered. message_id stays the same over all attempts."""

    id: str
    kind: str
    payload: Mapping[str, Any]
    message_id: str
    code_id: str | None
    created_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Delivers one kind.

    deliver: is called outside of any transaction and must end within 30 seconds; returns when
    the other side has taken the parcel, raises one of the three above otherwise.
    max_attempts: then the row is parked. With waits of up to 5 minutes 100 are about 8 hours.
    parked: told of each parcel that was given up, inside the `writing` that parks it.
    """

    deliver: Callable[[Context, Parcel], None]
    max_attempts: int = 100
    parked: Callable[[Context, Parcel], None] | None = None
