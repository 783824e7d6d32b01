"""Enrolling the first factor: nothing is kept for the account before everything is confirmed.

The secret and the recovery codes are made here and wait in the transaction, sealed and bound to
it and to the person; a browser never names them (case MF-10).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.flows.mfa import mail, rules
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.foundation.sealing import SealBroken
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.credentials import recovery_codes, totp
from idp.people.sessions.service import CurrentSession
from idp.web.proven import Proven
from idp.web.sessions import open_for
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction


@dataclass(frozen=True, slots=True)
class Draft:
    """What the app needs: the key as text and the address in the QR code."""

    secret: str
    uri: str


def draft(ctx: Context, transaction: Transaction, account: Account) -> Draft:
    """Return this tab's new secret; the first look makes it, later looks show the same."""
    kept = _open(ctx, transaction, account)
    if kept is None:
        kept = {"secret": totp.new_secret(ctx.policies.mfa)}
        with writing(ctx.db):
            _keep(ctx, transaction, account, kept)
    uri = totp.provisioning_uri(
        ctx.policies.mfa,
        kept["secret"],
        account_name=account.username,
        issuer=ctx.settings.brand.short_name,
    )
    return Draft(kept["secret"], uri)


def confirm_app(
    ctx: Context, transaction: Transaction, account: Account, *, name: str, code: str
) -> Transaction | Refused:
    """Check the app's first code and make the recovery codes.

    `Refused`: totp_wrong; finished_elsewhere when the tab has no secret (any more).
    """
    kept = _open(ctx, transaction, account)
    if kept is None:
        return rules.FINISHED_ELSEWHERE
    step = totp.matching_step(ctx.policies.mfa, kept["secret"], code, ctx.now())
    if step is None:
        return Refused("totp_wrong", "code")
    codes = kept.get("codes") or recovery_codes.make(ctx)
    with writing(ctx.db):
        confirmed = {"secret": kept["secret"], "name": name, "step": step, "codes": codes}
        return _keep(ctx, transaction, account, confirmed)


def new_codes(ctx: Context, transaction: Transaction, account: Account) -> list[str]:
    """Return the recovery codes of this tab's enrolment; [] before the app is confirmed."""
    codes: list[str] = (_open(ctx, transaction, account) or {}).get("codes", [])
    return codes


def finish(
    ctx: Context, transaction: Transaction, half: Proven, typed: str
) -> CurrentSession | Refused:
    """Keep app and codes, make the account active and open its session, in one transaction.

    `Refused`: not_among_codes; finished_elsewhere.
    """
    account = half.account
    kept = _open(ctx, transaction, account)
    if kept is None or not kept.get("codes"):
        return rules.FINISHED_ELSEWHERE
    canonical = {recovery_codes.canonical(code) for code in kept["codes"]}
    if not rules.is_among(recovery_codes.canonical(typed), canonical):
        return Refused("not_among_codes", "code")
    with writing(ctx.db):
        if not _may_enroll(ctx, account):
            return rules.FINISHED_ELSEWHERE
        _enroll(ctx, account, kept)
        transactions.save(ctx, transaction, enrolment=None)
        opened = open_for(
            ctx,
            transaction,
            account,
            amr=rules.AMR,
            auth_time=half.auth_time,
            factor_time=ctx.now(),
        )
    return opened or rules.FINISHED_ELSEWHERE


def _may_enroll(ctx: Context, account: Account) -> bool:
    """Ask again inside the transaction: another tab may have enrolled meanwhile."""
    ctx.db.refresh(account, with_for_update=True)
    apps, codes = totp.count(ctx, account.id), recovery_codes.left(ctx, account.id)
    return rules.may_enroll(account.state, apps, codes)


def _enroll(ctx: Context, account: Account, kept: Mapping[str, Any]) -> None:
    app = totp.add_proven_app(
        ctx, account.id, name=kept["name"], secret=kept["secret"], step=kept["step"]
    )
    recovery_codes.replace(ctx, account.id, kept["codes"])
    accounts.set_state(ctx, account, "active")
    by = {"subject_id": account.id, "actor_id": account.id}
    enrolled = {"kind": "totp", "authenticator_id": app.id}
    record(ctx, Event.MFA_ENROLLED, changes=enrolled, **by)
    codes = {"count": len(kept["codes"])}
    record(ctx, Event.MFA_RECOVERY_CODES_REPLACED, changes=codes, **by)
    mail.tell_app_added(ctx, account, app.name)


def _keep(
    ctx: Context, transaction: Transaction, account: Account, kept: Mapping[str, Any]
) -> Transaction:
    text = json.dumps(kept).encode()
    sealed = ctx.sealing.seal(text, bound_to=_bound_to(transaction, account))
    return transactions.save(ctx, transaction, enrolment=sealed)


def _open(ctx: Context, transaction: Transaction, account: Account) -> dict[str, Any] | None:
    """Return what waits, or None; what another person of this browser began counts as nothing."""
    sealed = transaction.progress.get("enrolment")
    if not sealed:
        return None
    try:
        text = ctx.sealing.open(sealed, bound_to=_bound_to(transaction, account))
    except SealBroken:
        return None
    opened: dict[str, Any] = json.loads(text)
    return opened


def _bound_to(transaction: Transaction, account: Account) -> str:
    return f"flow_transaction:enrolment:{transaction.id}:{account.id}"
