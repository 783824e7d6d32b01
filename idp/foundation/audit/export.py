"""The audit trail as JSON lines, for an auditor's own tools and for the archive."""

import json
from collections.abc import Iterator

from idp.foundation.audit import rules, store
from idp.foundation.audit.events import Event
from idp.foundation.audit.model import AuditEvent, AuditLink
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing


def export(ctx: Context, after_position: int = 0) -> Iterator[str]:
    """Yield one JSON object a line for each linked record behind a position, in chain order.

    Reading the trail is itself recorded, before the first line leaves. Opens its own `writing`.
    """
    _, last = store.end(ctx.db)
    with writing(ctx.db):
        span = {"first_position": after_position + 1, "last_position": last}
        record(ctx, Event.AUDIT_EXPORTED, changes=span)
    for link, event in store.chain(ctx.db, last, after_position):
        yield _line(link, event)


def _line(link: AuditLink, event: AuditEvent | None) -> str:
    chain = {"position": link.position, "hash": link.hash, "prev_hash": link.prev_hash}
    if event is None:
        return json.dumps({**chain, "id": link.event_id, "missing": True})
    body = json.loads(rules.canonical(store.columns_of(event)))
    return json.dumps({**chain, **body, "mac": event.mac})
