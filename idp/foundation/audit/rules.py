"""What is hashed, and how text becomes fit for a record. Pure."""

import json
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from idp.foundation.audit.events import Event

GENESIS = "0" * 64

# Columns that the MAC covers: all but the MAC itself. A new column goes into a new list beside
# this one, so that old rows can still be verified.
SIGNED = (
    "id",
    "occurred_at",
    "event",
    "outcome",
    "reason",
    "actor_id",
    "actor_role",
    "actor_scope",
    "session_id",
    "ip",
    "user_agent",
    "acr",
    "subject_id",
    "organization_id",
    "approver_id",
    "proofing",
    "proofing_reference",
    "ticket",
    "client_id",
    "request_id",
    "changes",
)


def canonical(record: Mapping[str, Any]) -> str:
    """Return one text for one record: the same on both databases and after every release."""
    signed = {name: _plain(record[name]) for name in SIGNED}
    return json.dumps(signed, separators=(",", ":"), sort_keys=True, ensure_ascii=True)


def link_text(position: int, event_id: str, event_mac: str, prev_hash: str) -> str:
    """Return what a link's hash covers."""
    return f"{position}:{event_id}:{event_mac}:{prev_hash}"


def head_text(position: int, link_hash: str, newest_event_id: str) -> str:
    """Return what the head's MAC covers."""
    return f"{position}:{link_hash}:{newest_event_id}"


def refuse_undeclared(event: Event, changes: Mapping[str, Any] | None) -> None:
    """Raise ValueError on a detail that the event does not declare, TypeError on a float."""
    for key, value in (changes or {}).items():
        if key not in event.details:
            raise ValueError(f"audit event {event} declares no detail {key!r}")
        if isinstance(value, float):
            raise TypeError(f"audit detail {key!r}: a float has no one text; give an int")


def one_line(text: str | None, length: int) -> str | None:
    """Return text that breaks no line, log or terminal, cut to a column's length."""
    if text is None or text.isprintable():
        return text[:length] if text else text
    return "".join(char if _is_shown(char) else "\N{REPLACEMENT CHARACTER}" for char in text)[
        :length
    ]


def earlier_id(event_id: str, seconds: int) -> str:
    """Return the smallest id that could have been made so many seconds before this one.

    Ids are UUIDs of version 7 (RFC 9562 section 5.7): their first 48 bits are milliseconds.
    """
    milliseconds = max(0, (uuid.UUID(event_id).int >> 80) - seconds * 1000)
    return str(uuid.UUID(int=milliseconds << 80))


def _is_shown(char: str) -> bool:
    # Zl and Zp break lines as well: U+2028 and U+2029.
    category = unicodedata.category(char)
    return not category.startswith("C") and category not in {"Zl", "Zp"}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
