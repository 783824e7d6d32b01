"""Issuing, looking at and redeeming mailed codes and links.

A code belongs to the transaction that asked for it: five tries there void it, tries elsewhere do
not count against it, and only the newest of the transaction works. A link is redeemed by itself,
from any browser. Looking (a GET, a mail scanner) changes nothing (RG-11, RC-02).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.ids import new_id, new_secret, secret_hash
from idp.foundation.one_time_codes import rules, store
from idp.foundation.one_time_codes.model import OneTimeCode
from idp.foundation.policy_models.one_time_codes import Purpose
from idp.foundation.results import Refused

__all__ = ["Purpose", "issue", "peek_link", "redeem_code", "redeem_link", "start_life"]

# One answer for wrong, old, used and unknown: the page must not tell them apart.
NOT_ACCEPTED = Refused("code_not_accepted", field="code")
_KEPT_AFTER_END = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A new code and link; the only moment at which they are known in clear."""

    id: str
    code: str
    link_token: str


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A code or link that was right and is now used up."""

    subject: str
    code_id: str
    transaction_id: str


@dataclass(frozen=True, slots=True)
class Peeked:
    """A link that would work."""

    subject: str
    transaction_id: str
    code_id: str
    issued_at: datetime


def issue(ctx: Context, purpose: Purpose, *, transaction_id: str, subject: str) -> IssuedCode:
    """Make a code and a link inside the caller's `writing`; older ones of the transaction end.

    subject: the id of what the code proves something about; never an address or a name.
    Nothing works before `start_life`, which the mail deliverer calls at hand-over.
    """
    policy = ctx.policies.one_time_codes
    code = f"{secrets.randbelow(10**policy.digits):0{policy.digits}}"
    issued = IssuedCode(new_id(), code, new_secret())
    store.void(ctx.db, ctx.now(), store.of_transaction(purpose, transaction_id))
    longest = policy.hand_over_seconds + policy.lives[purpose].link_seconds
    store.add(
        ctx.db,
        OneTimeCode(
            id=issued.id,
            purpose=purpose.value,
            transaction_id=transaction_id,
            subject=subject,
            code_hash=_code_hash(ctx, purpose, transaction_id, code),
            link_hash=secret_hash(issued.link_token),
            issued_at=ctx.now(),
            purge_after=ctx.now() + timedelta(seconds=longest) + _KEPT_AFTER_END,
        ),
    )
    return issued


def start_life(ctx: Context, code_id: str) -> bool:
    """Let code and link work from now on, inside `writing`; call it just before hand-over.

    Before and not after: the person may read the mail before a mark could be written. Called
    again when a hand-over is repeated. False when the code is used, void or not the newest:
    then its mail must not go out.
    """
    purpose = store.purpose_of(ctx.db, code_id)
    if purpose is None:
        return False
    life = ctx.policies.one_time_codes.lives[Purpose(purpose)]
    code_ends_at = ctx.now() + timedelta(seconds=life.code_seconds)
    link_ends_at = ctx.now() + timedelta(seconds=life.link_seconds)
    purge_after = link_ends_at + _KEPT_AFTER_END
    return store.start_life(ctx.db, code_id, code_ends_at, link_ends_at, purge_after)


def is_late(ctx: Context, code_id: str, queued_at: datetime) -> bool:
    """Tell whether a code's mail waited too long: whoever asked for it has long begun anew."""
    purpose, policy = store.purpose_of(ctx.db, code_id), ctx.policies.one_time_codes
    if purpose and policy.lives[Purpose(purpose)].when_late == "send":
        return False
    return ctx.now() - queued_at > timedelta(seconds=policy.hand_over_seconds)


def is_usable(ctx: Context, code_id: str) -> bool:
    """Tell whether a code is the newest, unused and not void; says nothing about its end."""
    return store.is_alive(ctx.db, code_id)


def redeem_code(
    ctx: Context, purpose: Purpose, *, transaction_id: str, code: str
) -> Redeemed | Refused:
    """Count a try and consume the transaction's newest code when it is right; inside `writing`.

    code: as typed. What cannot be a code (letters, seven digits) is refused and is no try.
    """
    policy = ctx.policies.one_time_codes
    typed = rules.typed_code(code, policy.digits)
    if typed is None:
        return NOT_ACCEPTED
    code_hash = _code_hash(ctx, purpose, transaction_id, typed)
    found = store.try_code(ctx.db, purpose, transaction_id, code_hash, ctx.now(), policy.tries)
    if found is None:
        return NOT_ACCEPTED
    return _redeemed(ctx, purpose, Redeemed(found[1], found[0], transaction_id))


def peek_link(ctx: Context, purpose: Purpose, token: str) -> Peeked | None:
    """Tell what a link would redeem; consumes nothing, for the page with the button."""
    row = store.by_link(ctx.db, purpose, secret_hash(token), ctx.now())
    if row is None:
        return None
    return Peeked(row.subject, row.transaction_id, row.id, row.issued_at)


def redeem_link(ctx: Context, purpose: Purpose, token: str) -> Redeemed | Refused:
    """Consume a link, inside `writing`; the code of the same mail ends with it."""
    found = store.consume_link(ctx.db, purpose, secret_hash(token), ctx.now())
    if found is None:
        return NOT_ACCEPTED
    return _redeemed(ctx, purpose, Redeemed(found[1], found[0], found[2]))


def void_all(ctx: Context, purpose: Purpose, *, subject: str) -> None:
    """End every unused code of a purpose and subject, inside `writing`."""
    store.void(ctx.db, ctx.now(), store.of_subject(purpose, subject))


def purge(ctx: Context) -> int:
    """Delete codes and counts that can no longer matter; opens its own `writing`."""
    with writing(ctx.db):
        return store.purge(ctx.db, ctx.now())


def _redeemed(ctx: Context, purpose: Purpose, redeemed: Redeemed) -> Redeemed:
    # Siblings asked for elsewhere end with the success of one (RC-02).
    void_all(ctx, purpose, subject=redeemed.subject)
    return redeemed


def _code_hash(ctx: Context, purpose: Purpose, transaction_id: str, code: str) -> str:
    return ctx.digests.keyed("one_time_code", f"{purpose.value}:{transaction_id}:{code}")
