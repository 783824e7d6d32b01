"""Asking for the second factor: one budget of tries for the person, whatever factor and tab."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.flows.mfa import answers, challenges, mail, rules, tries
from idp.flows.mfa.answers import Shown, Wrong
from idp.flows.mfa.rules import Kind
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts.service import Account
from idp.people.credentials import attempts, ceremonies, passkeys, recovery_codes, totp
from idp.people.credentials.attempts import Counted
from idp.web import proven
from idp.web.proven import Proven
from idp.web.sessions import open_for
from idp.web.transactions.service import Transaction

_WRONG: dict[Kind, Refused] = {
    "totp": Refused("totp_wrong", "code"),
    "recovery_code": Refused("recovery_code_wrong", "code"),
    "passkey": Refused("passkey_wrong"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody who is half-way can do: which factors, or until when none."""

    kinds: list[Kind]
    locked_until: datetime | None
    may_enroll: bool


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A right factor: how the session will say it was opened, and which authenticator it was."""

    methods: tuple[str, ...]
    authenticator_id: str | None = None


def standing(ctx: Context, account: Account, *, takes_passkeys_alone: bool = False) -> Standing:
    """Return what a person who knows the password may do next; see rules.kinds."""
    keys, apps = passkeys.count(ctx, account.id), totp.count(ctx, account.id)
    codes = recovery_codes.left(ctx, account.id)
    until = attempts.locked_until(ctx, attempts.factors_counter(ctx, account.id))
    kinds = rules.kinds(keys, apps, codes, takes_passkeys_alone=takes_passkeys_alone)
    return Standing(kinds, until, rules.may_enroll(account.state, keys + apps, codes))


def passkey_options(ctx: Context, transaction: Transaction, half: Proven) -> dict[str, Any]:
    """Return what the browser is given to use one of the person's passkeys."""
    challenge = challenges.begin(ctx, transaction, "factor", half.account.id)
    allowed = passkeys.working(ctx, half.account.id)
    return ceremonies.request_options(ctx, challenge, allowed)


def check(
    ctx: Context, transaction: Transaction, half: Proven, kind: Kind, typed: str
) -> str | Refused:
    """Count a try, check the factor and open the session, all in one transaction.

    typed: the code, or what the browser answered for a passkey. Returns where the way leads now:
    an address of ours, or "" for where the transaction returns to; a way that opens no session (a
    reset) notes the factor alone. `Refused`: totp_wrong, recovery_code_wrong, passkey_wrong
    (values: left, when few are); mfa_locked (values: until); finished_elsewhere.
    """
    account = half.account
    counter = attempts.factors_counter(ctx, account.id)
    with writing(ctx.db):
        if not proven.still_proven(ctx, transaction, half):
            return rules.FINISHED_ELSEWHERE
        tried = attempts.count_try(ctx, counter)
        if tried.locked_until:
            tries.note_denied(ctx, account, kind, tried)
            return Refused("mfa_locked", values={"until": tried.locked_until})
        accepted = _accepts(ctx, transaction, account, kind, typed)
        if isinstance(accepted, Wrong):
            return _refuse(ctx, transaction, account, kind, tried, accepted)
        attempts.clear(ctx, counter)
        record_success(ctx, account, kind, accepted.authenticator_id)
        return _go_on(ctx, transaction, half, kind, accepted.methods)


def record_success(
    ctx: Context, account: Account, kind: Kind, authenticator_id: str | None
) -> None:
    """Record a right factor; inside `writing`."""
    which = {"authenticator_id": authenticator_id} if authenticator_id else {}
    record(
        ctx,
        Event.MFA_SUCCEEDED,
        subject_id=account.id,
        actor_id=account.id,
        changes={"kind": kind, **which},
    )


def _go_on(
    ctx: Context, transaction: Transaction, half: Proven, kind: Kind, methods: tuple[str, ...]
) -> str | Refused:
    """Open the session, or note the factor for the page that asked for it; inside `writing`."""
    if half.goes_to:
        proven.note_factor(ctx, transaction, half, kind)
        return half.goes_to
    opened = open_for(
        ctx,
        transaction,
        half.account,
        amr=methods,
        auth_time=half.auth_time,
        factor_time=ctx.now(),
    )
    return "" if opened else rules.FINISHED_ELSEWHERE


def _accepts(
    ctx: Context, transaction: Transaction, account: Account, kind: Kind, typed: str
) -> _Accepted | Wrong:
    if kind == "passkey":
        return _accepts_passkey(ctx, transaction, account, typed)
    if kind == "totp":
        app = totp.accept_code(ctx, account.id, typed)
        return _Accepted(rules.WITH_CODE, app.id) if app else Wrong("code")
    if not recovery_codes.redeem(ctx, account.id, typed):
        return Wrong("code")
    _tell_code_used(ctx, account)
    return _Accepted(rules.WITH_CODE)


def _accepts_passkey(
    ctx: Context, transaction: Transaction, account: Account, answer: str
) -> _Accepted | Wrong:
    challenge = challenges.take(ctx, transaction, "factor", account.id)
    shown = answers.check(ctx, account, challenge, answer)
    if not isinstance(shown, Shown):
        return shown
    methods = rules.with_passkey(shown.method, knew_password=True)
    return _Accepted(methods, shown.passkey_id)


def _tell_code_used(ctx: Context, account: Account) -> None:
    left = recovery_codes.left(ctx, account.id)
    record(
        ctx,
        Event.MFA_RECOVERY_CODE_USED,
        subject_id=account.id,
        actor_id=account.id,
        changes={"left": left},
    )
    mail.tell_recovery_code_used(ctx, account, left)


def _refuse(
    ctx: Context,
    transaction: Transaction,
    account: Account,
    kind: Kind,
    tried: Counted,
    wrong: Wrong,
) -> Refused:
    """Answer a wrong factor: a hint when few tries are left; at the end of them the way ends.

    After the pause it begins with the password again (case MF-04).
    """
    until = tries.note_wrong(ctx, account, kind, tried, wrong.reason)
    if until:
        proven.forget(ctx, transaction)
        return Refused("mfa_locked", values={"until": until})
    few = tried.left <= ctx.policies.lockout.mfa_warn_left
    refused = _WRONG[kind]
    return Refused(refused.key, refused.field, {"left": tried.left} if few else {})
