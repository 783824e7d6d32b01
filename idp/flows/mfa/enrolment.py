"""Enrolling the first factor: nothing is kept for the account before everything is confirmed.

Authenticator and recovery codes wait in the transaction; the codes are made when the authenticator
is proven, and typing one back keeps both and opens the session.
"""

from collections.abc import Mapping
from typing import Any

from idp.flows.mfa import new_factors, rules, sealed, service
from idp.flows.mfa.new_factors import Proven as ProvenFactor
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.credentials import recovery_codes
from idp.people.sessions.service import CurrentSession
from idp.web.proven import Proven, still_proven
from idp.web.sessions import open_for
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

_KEPT = "enrolment"


def confirm(
    ctx: Context, transaction: Transaction, account: Account, factor: ProvenFactor
) -> Transaction:
    """Let a proven authenticator wait, together with the recovery codes."""
    codes = new_codes(ctx, transaction, account) or recovery_codes.make(ctx)
    with writing(ctx.db):
        waits = {"factor": factor, "codes": codes}
        return sealed.keep(ctx, transaction, account, _KEPT, waits)


def new_codes(ctx: Context, transaction: Transaction, account: Account) -> list[str]:
    """Return the recovery codes of this tab's enrolment; [] before a factor is proven."""
    codes: list[str] = sealed.read(ctx, transaction, account, _KEPT).get("codes", [])
    return codes


def finish(
    ctx: Context, transaction: Transaction, half: Proven, typed: str
) -> CurrentSession | Refused:
    """Keep factor and codes, make the account active and open its session, in one transaction.

    `Refused`: not_among_codes; finished_elsewhere.
    """
    account = half.account
    waits = sealed.read(ctx, transaction, account, _KEPT)
    if not waits:
        return rules.FINISHED_ELSEWHERE
    if not recovery_codes.is_among(typed, waits["codes"]):
        return Refused("not_among_codes", "code")
    with writing(ctx.db):
        if not still_proven(ctx, transaction, half) or not _may_enroll(ctx, account):
            return rules.FINISHED_ELSEWHERE
        if not _enroll(ctx, account, waits):
            return rules.FINISHED_ELSEWHERE
        transactions.save(ctx, transaction, enrolment=None, new_app=None)
        opened = open_for(
            ctx,
            transaction,
            account,
            amr=_methods(waits["factor"]),
            auth_time=half.auth_time,
            factor_time=ctx.now(),
        )
    return opened or rules.FINISHED_ELSEWHERE


def _may_enroll(ctx: Context, account: Account) -> bool:
    """Ask again inside the transaction: another tab may have enrolled meanwhile."""
    ctx.db.refresh(account, with_for_update=True)
    return service.standing(ctx, account).may_enroll


def _enroll(ctx: Context, account: Account, waits: Mapping[str, Any]) -> bool:
    if not new_factors.keep(ctx, account, waits["factor"]):
        return False
    recovery_codes.replace(ctx, account.id, waits["codes"])
    accounts.set_state(ctx, account, "active")
    codes = {"count": len(waits["codes"])}
    by = {"subject_id": account.id, "actor_id": account.id}
    record(ctx, Event.MFA_RECOVERY_CODES_REPLACED, changes=codes, **by)
    return True


def _methods(factor: ProvenFactor) -> tuple[str, ...]:
    if factor["kind"] == "totp":
        return rules.WITH_CODE
    method = rules.key_method(is_synced=factor["made"]["is_synced"])
    return rules.with_passkey(method, knew_password=True)
