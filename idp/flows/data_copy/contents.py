"""What is kept about a person, as plain values and moments: never a secret, nor a hash of one."""

from collections.abc import Iterator, Mapping
from typing import Any

from idp.foundation.audit.service import AuditEvent, own_history
from idp.foundation.context import Context
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.browsers import service as browsers
from idp.people.consents import service as consents
from idp.people.credentials import factors, passwords, recovery_codes
from idp.people.email_changes import listing as email_changes
from idp.people.lost_factors import service as lost_factors
from idp.people.rights import service as rights
from idp.people.sessions import listing

_BATCH = 500
_PROFILE = (
    "username", "account_type", "state", "prefix", "first_name", "middle_initial", "last_name",
    "suffix", "business_name", "business_role", "mobile_number", "language", "address",
    "standard_claims", "email", "email_verified_at", "notification_email", "created_at",
    "updated_at", "last_signed_in_at", "frozen_at", "mfa_hold_until", "closes_at",
)  # fmt: skip
# How records name what was typed, and our own keys: they say nothing about the person.
_LEFT_OUT = frozenset({"identifier_hash", "sid", "authenticator_id"})


def everything(ctx: Context, account_id: str) -> dict[str, Any]:
    """Return all that is kept about a person but what happened; LookupError without an account."""
    account = accounts.get(ctx, account_id)
    if account is None:
        raise LookupError("a session without its account")
    return {
        "made_at": ctx.now(),
        "profile": {name: getattr(account, name) for name in _PROFILE},
        "terms_of_use": _terms(ctx, account),
        "email_changes": _email_changes(ctx, account_id),
        "lost_factors": _lost_factors(ctx, account_id),
        "sign_in": _sign_in(ctx, account_id),
        "sessions": _sessions(ctx, account_id),
        "recognized_browsers": _browsers(ctx, account_id),
        "applications": _applications(ctx, account_id),
        "access": rights.held_by(ctx, account_id),
    }


def history(ctx: Context, account_id: str) -> Iterator[dict[str, Any]]:
    """Yield what was recorded about a person, the newest first, read in batches."""
    before = None
    while batch := own_history(ctx, account_id, _BATCH, before=before):
        before = batch[-1].id
        yield from (_entry(one, account_id) for one in batch)
        ctx.db.expunge_all()


def _terms(ctx: Context, account: Account) -> list[dict[str, Any]]:
    return [
        {"version": one.version, "accepted_at": one.accepted_at}
        for one in accounts.accepted_terms(ctx, account.id)
    ]


def _email_changes(ctx: Context, account_id: str) -> list[dict[str, Any]]:
    return [
        {
            "kind": one.kind,
            "state": one.state,
            "from": one.old_email,
            "to": one.new_email,
            "asked_at": one.asked_at,
            "confirmed_at": one.confirmed_at,
            "ended_at": one.ended_at,
        }
        for one in email_changes.listed(ctx, account_id)
    ]


def _lost_factors(ctx: Context, account_id: str) -> list[dict[str, Any]]:
    """Return the replacement of a second factor that has begun, if one has."""
    one = lost_factors.open_of(ctx, account_id)
    if one is None:
        return []
    times = {"asked_at": one.asked_at, "ready_at": one.ready_at, "expires_at": one.expires_at}
    return [{"state": one.state, **times}]


def _sign_in(ctx: Context, account_id: str) -> dict[str, Any]:
    authenticators = [
        {
            "kind": one.kind,
            "name": one.name,
            "added_at": one.created_at,
            "last_used_at": one.last_used_at,
        }
        for one in factors.listed(ctx, account_id)
    ]
    return {
        "password_changed_at": passwords.changed_at(ctx, account_id),
        "authenticators": authenticators,
        "recovery_codes_left": recovery_codes.left(ctx, account_id),
    }


def _sessions(ctx: Context, account_id: str) -> list[dict[str, Any]]:
    return [
        {
            "began_at": one.began_at,
            "last_action_at": one.last_action_at,
            "ip": one.ip,
            "browser": one.user_agent,
        }
        for one in listing.listed(ctx, account_id)
    ]


def _browsers(ctx: Context, account_id: str) -> list[dict[str, Any]]:
    return [
        {
            "first_used_at": one.created_at,
            "last_used_at": one.last_used_at,
            "ip": one.ip,
            "browser": one.user_agent,
        }
        for one in browsers.listed(ctx, account_id)
    ]


def _applications(ctx: Context, account_id: str) -> list[dict[str, Any]]:
    return [
        {
            "name": one.client_names.get(ctx.language) or one.client_names["en"],
            "allowed": list(one.scopes),
            "allowed_at": one.given_at,
        }
        for one in consents.listed(ctx, account_id)
    ]


def _entry(record: AuditEvent, account_id: str) -> dict[str, Any]:
    """Return a record; where somebody else sat who did it, such as staff, is their own affair."""
    is_other = record.actor_id not in {None, account_id}
    details: Mapping[str, Any] = record.changes or {}
    return {
        "at": record.occurred_at,
        "event": record.event,
        "outcome": record.outcome,
        "reason": record.reason,
        "by_you": record.actor_id == account_id,
        "ip": None if is_other else record.ip,
        "browser": None if is_other else record.user_agent,
        "application": record.client_id,
        "details": {name: value for name, value in details.items() if name not in _LEFT_OUT},
    }
