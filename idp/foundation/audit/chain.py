"""Linking the audit records into a hash chain, after their commit.

docs/decisions/0002-audit-rows-are-linked-after-commit.md says why records are not linked in the
transaction that writes them, and how long the open window is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.foundation.audit import rules, store
from idp.foundation.audit.model import AuditEvent, AuditHead
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.logging import get_logger

log = get_logger("idp.audit")

_BATCH = 500
# A record that commits late carries an older id; looking this far back finds it without reading
# the whole table each second. Requests end within 30 s.
_LOOK_BACK_SECONDS = 120
FIRST_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ended at some moment; kept outside of the database it proves the rest."""

    position: int
    hash: str


def link_pending(ctx: Context, *, everything: bool = False) -> int:
    """Link the records committed since the last time; return how many. Opens its own `writing`.

    everything: look at all records instead of those of the last minutes (one that was committed
    later than that, or by a host whose clock is far behind); the worker does so each hour.
    Another process that is linking now is left to it. A forged record is never linked.
    """
    linked = 0
    after = FIRST_ID if everything else _start(store.head(ctx.db))
    while batch := _link_batch(ctx, after, wait=everything):
        linked += batch.linked
        after = batch.last_id
    return linked


def unlinked_since(ctx: Context) -> datetime | None:
    """Return since when the oldest record waits to be linked; None where every record is."""
    waiting = store.pending(ctx.db, FIRST_ID, 1)
    return waiting[0].occurred_at if waiting else None


def noted_head(ctx: Context) -> Head | None:
    """Return where the chain ends now, to be kept in another place (a log, a printout)."""
    row = store.head(ctx.db)
    return None if row is None else Head(row.position, row.hash)


def is_genuine(ctx: Context, event: AuditEvent) -> bool:
    """Tell whether the record is exactly what the provider wrote."""
    text = rules.canonical(store.columns_of(event))
    return ctx.parts.audit_digests.matches("event", text, event.mac)


@dataclass(frozen=True, slots=True)
class _Batch:
    linked: int
    last_id: str


def _start(head: AuditHead | None) -> str:
    return rules.earlier_id(head.newest_event_id, _LOOK_BACK_SECONDS) if head else FIRST_ID


def _link_batch(ctx: Context, after: str, *, wait: bool) -> _Batch | None:
    # Most seconds have nothing to link: look before taking the writer's place.
    if not store.pending(ctx.db, after, 1):
        return None
    with writing(ctx.db):
        if not store.lock_chain(ctx.db, wait=wait):
            return None
        head, length = store.end(ctx.db)
        if head is None and length:
            # Somebody took the record of the chain's end away. Making a new one would hide that.
            log.error("audit chain has lost its end; run `idp audit verify`", position=length)
            return None
        events = store.pending(ctx.db, after, _BATCH)
        if not events:
            return None
        batch = _Batch(0, events[-1].id)
        genuine = [(event.id, event.mac) for event in events if is_genuine(ctx, event)]
        if genuine:
            _append(ctx, head, genuine)
        return _Batch(len(genuine), batch.last_id)


def _append(ctx: Context, head: AuditHead | None, events: Sequence[tuple[str, str]]) -> None:
    digests = ctx.parts.audit_digests
    position, last = (head.position, head.hash) if head else (0, rules.GENESIS)
    newest = max(events[-1][0], head.newest_event_id if head else FIRST_ID)
    links: list[Mapping[str, Any]] = []
    for event_id, mac in events:
        position, prev = position + 1, last
        last = digests.keyed("link", rules.link_text(position, event_id, mac, prev))
        links.append({"position": position, "event_id": event_id, "prev_hash": prev, "hash": last})
    store.add_links(ctx.db, links)
    mac = digests.keyed("head", rules.head_text(position, last, newest))
    end = {"position": position, "hash": last, "newest_event_id": newest, "mac": mac}
    store.move_head(ctx.db, {**end, "linked_at": ctx.now()})
