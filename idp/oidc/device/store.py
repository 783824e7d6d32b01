"""Statements on devices; each change is one that a single caller can win."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row, Table, delete, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from idp.oidc.device.model import DeviceRow

_DEVICE = cast("Table", DeviceRow.__table__)
Record = Row[Any, *tuple[Any, ...]]
_SLOWER_SECONDS = 5  # RFC 8628 §3.5


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    """Keep a device's request; IntegrityError when its user code is taken."""
    connection.execute(insert(_DEVICE), dict(values))


def waiting(session: Session, user_code_hash: str, now: datetime) -> DeviceRow | None:
    """Return the device that waits for a person with this code."""
    return session.scalar(
        select(DeviceRow).where(
            DeviceRow.user_code_hash == user_code_hash,
            DeviceRow.state == "waiting",
            DeviceRow.expires_at > now,
        )
    )


def decide(session: Session, device_id: str, state: str, now: datetime) -> bool:
    """Keep what the person said; False when it was said before, or too late."""
    done = session.scalar(
        update(DeviceRow)
        .where(DeviceRow.id == device_id, DeviceRow.state == "waiting", DeviceRow.expires_at > now)
        .values(state=state)
        .returning(DeviceRow.id)
    )
    return done is not None


def poll(
    connection: Connection, device_code_hash: str, client_id: str, now: datetime
) -> tuple[Record | None, bool]:
    """Note that a device asks; return its row, and whether it asks too soon (§3.5)."""
    its = (_DEVICE.c.device_code_hash == device_code_hash, _DEVICE.c.client_id == client_id)
    found = connection.execute(select(_DEVICE).where(*its)).one_or_none()
    if found is None:
        return None, False
    in_time = update(_DEVICE).where(*its, _DEVICE.c.next_poll_at <= now)
    next_at = now + timedelta(seconds=found.interval_seconds)
    if connection.execute(in_time.values(next_poll_at=next_at)).rowcount:
        return found, False
    slower = found.interval_seconds + _SLOWER_SECONDS
    later = {"interval_seconds": slower, "next_poll_at": now + timedelta(seconds=slower)}
    connection.execute(update(_DEVICE).where(*its).values(later))
    return found, True


def forget_ended(session: Session, before: datetime) -> int:
    """Delete requests that ended before a moment; return how many."""
    gone = session.scalars(
        delete(DeviceRow).where(DeviceRow.expires_at < before).returning(DeviceRow.id)
    )
    return len(gone.all())
