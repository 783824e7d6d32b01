"""A person's authenticators together: apps and passkeys; recovery codes stand in for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, update

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.people.accounts.service import Account
from idp.people.credentials import attempts, passkeys, totp
from idp.people.credentials.model import Passkey, RecoveryCode, TotpApp

Kind = Literal["totp", "passkey"]
_ROWS: Mapping[Kind, type[TotpApp] | type[Passkey]] = {"totp": TotpApp, "passkey": Passkey}

# A factor is written before the mail that tells of it is queued, in the same transaction.
_WRITTEN_BEFORE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Factor:
    """One working authenticator, as its owner may see it; is_synced: of passkeys alone."""

    kind: Kind
    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None
    is_synced: bool = False


def listed(ctx: Context, account_id: str) -> list[Factor]:
    """Return a person's working authenticators: passkeys first, each kind the oldest first."""
    keys = [
        Factor("passkey", one.id, one.name, one.created_at, one.last_used_at, one.is_synced)
        for one in passkeys.list_passkeys(ctx, account_id)
    ]
    apps = [
        Factor("totp", one.id, one.name, one.created_at, one.last_used_at)
        for one in totp.list_apps(ctx, account_id)
    ]
    return [*keys, *apps]


def find(ctx: Context, account_id: str, factor_id: str) -> Factor | None:
    """Return one of this person's working authenticators; None for anybody else's."""
    return next((one for one in listed(ctx, account_id) if one.id == factor_id), None)


def count(ctx: Context, account_id: str) -> int:
    """Return how many working authenticators a person has; recovery codes do not count."""
    return totp.count(ctx, account_id) + passkeys.count(ctx, account_id)


def has_any(ctx: Context, account_id: str) -> bool:
    """Tell whether a person has a working authenticator."""
    return count(ctx, account_id) > 0


def rename(ctx: Context, factor: Factor, name: str) -> None:
    """Give an authenticator another name; inside `writing`."""
    row = _ROWS[factor.kind]
    ctx.db.execute(update(row).where(row.id == factor.id).values(name=name))


def remove(ctx: Context, factor: Factor) -> None:
    """Forget an authenticator; inside `writing`, by whoever saw that it is not the last."""
    row = _ROWS[factor.kind]
    ctx.db.execute(delete(row).where(row.id == factor.id))


def remove_all(ctx: Context, account_id: str) -> None:
    """End every authenticator and recovery code of a person; inside `writing`.

    For somebody who lost them all: the account goes on, and new ones begin with a full budget of
    tries.
    """
    for row in (TotpApp, Passkey, RecoveryCode):
        ctx.db.execute(delete(row).where(row.account_id == account_id))
    attempts.clear(ctx, attempts.factors_counter(ctx, account_id))


def stop_since(ctx: Context, account_id: str, moment: datetime) -> None:
    """Let nothing work that was added since a moment, recovery codes neither; inside `writing`.

    For an owner who says that it was somebody else from then on. What is left counts as before:
    with none, nobody enrols another by the password alone (case MF-10).
    """
    since = moment - _WRITTEN_BEFORE
    for one in listed(ctx, account_id):
        if one.created_at >= since:
            row = _ROWS[one.kind]
            ctx.db.execute(update(row).where(row.id == one.id).values(disabled_at=ctx.now()))
            changes = {"kind": one.kind, "authenticator_id": one.id}
            record(ctx, Event.MFA_DISABLED, subject_id=account_id, changes=changes)
    made = (RecoveryCode.account_id == account_id, RecoveryCode.created_at >= since)
    ctx.db.execute(delete(RecoveryCode).where(*made))


def hold(ctx: Context, account: Account) -> None:
    """Bar adding and removing authenticators for the policy's time; inside `writing`.

    After a reset that the service desk helped with, so that whoever talked their way through it
    cannot lock the owner out at once. It never bars the forced enrolment of a first one.
    """
    account.mfa_hold_until = ctx.now() + timedelta(seconds=ctx.policies.mfa.hold_seconds)
    until = account.mfa_hold_until.isoformat()
    record(ctx, Event.MFA_HELD, subject_id=account.id, changes={"until": until})


def held_until(ctx: Context, account: Account) -> datetime | None:
    """Return until when authenticators may be neither added nor removed; None: they may."""
    until = account.mfa_hold_until
    return until if until and ctx.now() < until else None
