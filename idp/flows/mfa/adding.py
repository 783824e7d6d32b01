"""A signed-in person adds an authenticator, or makes new recovery codes (case MF-10).

The pages ask for a factor shown lately; here the account is locked, so that two tabs together
never get more than one alone.
"""

from idp.flows.mfa import mail, new_factors, rules, sealed
from idp.flows.mfa.new_factors import Proven as ProvenFactor
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts.service import Account
from idp.people.credentials import factors, passkeys, recovery_codes, totp
from idp.people.credentials.factors import Kind
from idp.web.sessions import replace_cookie
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

_CODES = "new_codes"


def barred(ctx: Context, account: Account, kind: Kind | None = None) -> Refused | None:
    """Return why nothing can be added now, or None. kind: None for recovery codes.

    `Refused`: held (values: until); too_many (values: most, kind).
    """
    until = factors.held_until(ctx, account)
    if until:
        return Refused("held", values={"until": until})
    if kind is None:
        return None
    policy = ctx.policies.mfa
    most = policy.passkeys if kind == "passkey" else policy.totp_apps
    has = (passkeys if kind == "passkey" else totp).count(ctx, account.id)
    return Refused("too_many", values={"most": most, "kind": kind}) if has >= most else None


def add(
    ctx: Context, transaction: Transaction, account: Account, factor: ProvenFactor
) -> Refused | None:
    """Keep a proven authenticator of somebody signed in, and end this tab's way.

    The cookie is replaced, so that a copy of the former is worth nothing (case SE-01).
    `Refused`: see `barred`; passkey_known; finished_elsewhere.
    """
    with writing(ctx.db):
        ctx.db.refresh(account, with_for_update=True)
        if refused := barred(ctx, account, factor["kind"]):
            return refused
        if not transactions.forget(ctx, transaction):
            return rules.FINISHED_ELSEWHERE
        if not new_factors.keep(ctx, account, factor):
            return Refused("passkey_known")
        replace_cookie(ctx)
    return None


def codes_draft(ctx: Context, transaction: Transaction, account: Account) -> list[str]:
    """Return this tab's new recovery codes; the old ones work until one of these is typed back."""
    codes: list[str] = sealed.read(ctx, transaction, account, _CODES).get("codes", [])
    if not codes:
        codes = recovery_codes.make(ctx)
        with writing(ctx.db):
            sealed.keep(ctx, transaction, account, _CODES, {"codes": codes})
    return codes


def replace_codes(
    ctx: Context, transaction: Transaction, account: Account, typed: str
) -> Refused | None:
    """Make this tab's codes the person's only ones. `Refused`: not_among_codes; held; ..."""
    codes = sealed.read(ctx, transaction, account, _CODES).get("codes")
    if not codes:
        return rules.FINISHED_ELSEWHERE
    if not recovery_codes.is_among(typed, codes):
        return Refused("not_among_codes", "code")
    with writing(ctx.db):
        ctx.db.refresh(account, with_for_update=True)
        if refused := barred(ctx, account):
            return refused
        if not transactions.forget(ctx, transaction):
            return rules.FINISHED_ELSEWHERE
        _replace(ctx, account, codes)
    return None


def _replace(ctx: Context, account: Account, codes: list[str]) -> None:
    recovery_codes.replace(ctx, account.id, codes)
    record(
        ctx,
        Event.MFA_RECOVERY_CODES_REPLACED,
        subject_id=account.id,
        actor_id=account.id,
        changes={"count": len(codes)},
    )
    mail.tell_codes_replaced(ctx, account)
