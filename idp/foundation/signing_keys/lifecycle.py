"""The life of signing keys: published, active, retired, forgotten; or withdrawn at once.

What a process signs with follows from the rows alone (service.py). Here the states are written down
when they change, so that an auditor can see which key signed when.
"""

from datetime import datetime, timedelta

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.foundation.signing_keys import rules, store
from idp.foundation.signing_keys.model import SigningKeyRow
from idp.foundation.signing_keys.service import new_row


def rotate(ctx: Context, alg: str) -> SigningKeyRow | Refused:
    """Publish a new key for an algorithm; it signs from `signs_from` on.

    Refused while another new one waits: two at once would shorten the time of the second.
    """
    if alg not in rules.ALGORITHMS:
        return Refused("algorithm_unknown", "alg", {"alg": alg})
    row = new_row(ctx.sealing, alg, ctx.now())
    with writing(ctx.db):
        if any(other.alg == alg for other in store.waiting(ctx.db)):
            return Refused("key_waiting", "alg", {"alg": alg})
        store.add(ctx.db, row, ctx.now())
        _note(ctx, Event.KEY_CREATED, row.kid, alg)
    ctx.signing_keys.forget()
    return row


def signs_from(ctx: Context, row: SigningKeyRow) -> datetime:
    """Return when a published key begins to sign."""
    return row.created_at + timedelta(seconds=ctx.policies.tokens.key_publish_seconds)


def advance(ctx: Context) -> int:
    """Write down which keys sign by now and which no more; forget those that signed nothing alive.

    Harmless when several workers do it at once. Returns how many keys changed.
    """
    policy, now = ctx.policies.tokens, ctx.now()
    changed = 0
    with writing(ctx.db):
        for row in store.waiting(ctx.db):
            if now >= signs_from(ctx, row):
                changed += _take_over(ctx, row.kid, row.alg)
        changed += store.forget(ctx.db, now - timedelta(seconds=policy.key_keep_seconds))
    return changed


def withdraw(ctx: Context, kid: str) -> Refused | None:
    """Let nothing that a key signed verify any more, from now on.

    Where it was the one that signs, the next takes its place at once: the one that waits, or a
    new one. Applications that remember the published keys meet a new id and read them again.
    """
    with writing(ctx.db):
        row = store.by_kid(ctx.db, kid)
        if row is None or row.state == "withdrawn":
            return Refused("key_unknown", "kid")
        was_signing = row.state == "active"
        row.state, row.retired_at = "withdrawn", ctx.now()
        ctx.db.flush()
        _note(ctx, Event.KEY_WITHDRAWN, kid, row.alg)
        if was_signing:
            _replace(ctx, row.alg)
    ctx.signing_keys.forget()
    return None


def _replace(ctx: Context, alg: str) -> None:
    waiting = next((row for row in store.waiting(ctx.db) if row.alg == alg), None)
    if waiting is None:
        waiting = new_row(ctx.sealing, alg, ctx.now())
        store.add(ctx.db, waiting, ctx.now())
        _note(ctx, Event.KEY_CREATED, waiting.kid, alg)
    _take_over(ctx, waiting.kid, alg)


def _take_over(ctx: Context, kid: str, alg: str) -> int:
    """Let a published key sign in the place of the present one; the order keeps one active."""
    former = store.retire(ctx.db, alg, ctx.now(), successor=kid)
    if former is not None:
        _note(ctx, Event.KEY_RETIRED, former, alg)
    if not store.activate(ctx.db, kid, ctx.now()):
        return 0
    _note(ctx, Event.KEY_ACTIVATED, kid, alg)
    return 1


def _note(ctx: Context, event: Event, kid: str, alg: str) -> None:
    record(ctx, event, changes={"kid": kid, "alg": alg})
