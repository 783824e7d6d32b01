"""Wrong second factors: one budget for the person, whatever factor, tab and way (case MF-04)."""

from datetime import datetime

from idp.flows.mfa import mail
from idp.flows.mfa.rules import Kind
from idp.foundation.audit.events import Event, Outcome
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.people.accounts.service import Account
from idp.people.credentials import totp
from idp.people.credentials.attempts import Counted


def note_denied(ctx: Context, account: Account, kind: Kind, tried: Counted) -> None:
    """Record a try that a lock refused before anything was looked at; inside `writing`."""
    _record(ctx, account, kind, tried, Outcome.DENIED, "locked")


def note_wrong(
    ctx: Context, account: Account, kind: Kind, tried: Counted, reason: str | None = None
) -> datetime | None:
    """Record a wrong try and what follows from it; inside `writing`.

    Returns until when factors are locked, when this very try began the lock.
    """
    _record(ctx, account, kind, tried, Outcome.FAILURE, reason)
    if tried.total >= ctx.policies.lockout.mfa_total_failures:
        _turn_off_apps(ctx, account)
    if tried.locks_until:
        until = tried.locks_until.isoformat()
        record(ctx, Event.MFA_LOCKED, subject_id=account.id, changes={"until": until})
    return tried.locks_until


def _record(
    ctx: Context,
    account: Account,
    kind: Kind,
    tried: Counted,
    outcome: Outcome,
    reason: str | None,
) -> None:
    record(
        ctx,
        Event.MFA_FAILED,
        outcome=outcome,
        subject_id=account.id,
        reason=reason,
        changes={"kind": kind, "failures": tried.total},
    )


def _turn_off_apps(ctx: Context, account: Account) -> None:
    """Stop the apps after too many failures in all (NIST SP 800-63B-4 section 3.2.2).

    Six digits can be guessed in the end. A passkey's signature and a recovery code of 80 bits
    cannot, so they stay: otherwise a guesser could take every way in from the owner.
    """
    if totp.disable_all(ctx, account.id):
        record(ctx, Event.MFA_DISABLED, subject_id=account.id, changes={"kind": "totp"})
        mail.tell_apps_disabled(ctx, account)
