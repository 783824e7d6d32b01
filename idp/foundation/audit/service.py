"""Recording what happened.

A record is written in the transaction that it tells about, so neither exists without the other.
Who may read the trail is decided by the pages that show it; reading is itself recorded.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from idp.foundation.audit import rules, store
from idp.foundation.audit.events import Event, Outcome
from idp.foundation.audit.model import AuditEvent
from idp.foundation.context import Context
from idp.foundation.ids import new_id

__all__ = ["AuditEvent", "Event", "Outcome", "own_history", "record"]


def record(  # noqa: PLR0913 - one argument for each column that a use case knows
    ctx: Context,
    event: Event,
    *,
    outcome: Outcome | str = Outcome.SUCCESS,
    subject_id: str | None = None,
    reason: str | None = None,
    actor_id: str | None = None,
    actor_scope: str | None = None,
    organization_id: str | None = None,
    client_id: str | None = None,
    approver_id: str | None = None,
    proofing: str | None = None,
    proofing_reference: str | None = None,
    ticket: str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Write one audit record inside the caller's `writing` (ASVS V16.2.1, V16.3.1-3).

    actor_id and client_id default to the origin's. reason: a machine key. changes: only keys that
    the event declares, values masked where they are personal; ValueError on any other key.
    """
    rules.refuse_undeclared(event, changes)
    origin = ctx.origin
    texts = {
        "reason": reason,
        "actor_id": actor_id or origin.actor_id,
        "actor_role": origin.actor_role,
        "actor_scope": actor_scope,
        "session_id": origin.session_id,
        "ip": origin.ip,
        "user_agent": origin.user_agent,
        "acr": origin.acr,
        "subject_id": subject_id,
        "organization_id": organization_id,
        "approver_id": approver_id,
        "proofing": proofing,
        "proofing_reference": proofing_reference,
        "ticket": ticket,
        "client_id": client_id or origin.client_id,
        "request_id": origin.request_id,
    }
    row: dict[str, Any] = {
        "id": new_id(),
        "occurred_at": ctx.now(),
        "event": event.value,
        "outcome": Outcome(outcome).value,
        "changes": dict(changes) if changes else None,
        **{name: rules.one_line(text, store.LENGTHS[name]) for name, text in texts.items()},
    }
    row["mac"] = ctx.parts.audit_digests.keyed("event", rules.canonical(row))
    store.add(ctx.db, row)


def own_history(
    ctx: Context,
    subject_id: str,
    limit: int = 50,
    *,
    events: Collection[Event] | None = None,
    before: str | None = None,
) -> Sequence[AuditEvent]:
    """Return a person's own newest records, the newest first.

    events: only these; all when missing. before: the id of a record, to go on behind it.
    """
    names = None if events is None else [event.value for event in events]
    return store.of_subject(ctx.db, subject_id, limit, names, before)
