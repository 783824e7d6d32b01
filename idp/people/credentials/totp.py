"""Authenticator apps: time-based one-time passwords (RFC 6238) that work once."""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

import pyotp
from sqlalchemy import Select, func, select, update

from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.foundation.policy_models.mfa import MfaPolicy
from idp.people.credentials.model import TotpApp

_BASE32_BITS = 5


@dataclass(frozen=True, slots=True)
class App:
    """An enrolled app, as its owner may see it: never with the secret."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None = None


def new_secret(policy: MfaPolicy) -> str:
    """Return a random secret as base32 text: what the person types when no camera is at hand."""
    return pyotp.random_base32(length=policy.totp_secret_bytes * 8 // _BASE32_BITS)


def provisioning_uri(policy: MfaPolicy, secret: str, *, account_name: str, issuer: str) -> str:
    """Return the otpauth address that the QR code shows."""
    return _totp(policy, secret).provisioning_uri(name=account_name, issuer_name=issuer)


def matching_step(policy: MfaPolicy, secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code was typed, at most one to either side, or None.

    All steps are compared, so that the time taken tells nothing.
    """
    totp = _totp(policy, secret)
    present = totp.timecode(now)
    typed = "".join(code.split())
    reach = range(-policy.totp_window_steps, policy.totp_window_steps + 1)
    found = [
        present + delta
        for delta in reach
        if hmac.compare_digest(
            totp.generate_otp(present + delta).encode(), typed.encode("utf-8", "surrogatepass")
        )
    ]
    return found[0] if found else None


def add_proven_app(ctx: Context, account_id: str, *, name: str, secret: str, step: int) -> App:
    """Enrol an app that showed a code of the given time step before; inside `writing`.

    The step counts as used, so that the code which enrolled the app never signs in (case MF-01).
    """
    return _keep(ctx, account_id, name, secret, step)


def add_seeded_app(ctx: Context, account_id: str, *, name: str, secret: str) -> App:
    """Enrol an app without a code: for accounts that an operator creates; inside `writing`."""
    return _keep(ctx, account_id, name, secret, 0)


def list_apps(ctx: Context, account_id: str) -> list[App]:
    """Return a person's working apps, oldest first."""
    rows = ctx.db.scalars(_working(account_id)).all()
    return [App(row.id, row.name, row.created_at, _used_at(ctx, row)) for row in rows]


def accept_code(ctx: Context, account_id: str, code: str) -> App | None:
    """Return the app whose unused code was typed and mark the step as used; inside `writing`.

    One statement decides: two at once, on whatever node, cannot both win (case MF-01).
    """
    for row in ctx.db.scalars(_working(account_id)).all():
        secret = ctx.sealing.open(row.secret_sealed, bound_to=_bound_to(row.id)).decode()
        step = matching_step(ctx.policies.mfa, secret, code, ctx.now())
        if step is not None and _use_step(ctx, row.id, step):
            return App(row.id, row.name, row.created_at)
    return None


def disable_all(ctx: Context, account_id: str) -> int:
    """Stop every app of a person after too many failures; return how many; inside `writing`."""
    stopped = ctx.db.scalars(
        update(TotpApp)
        .where(TotpApp.account_id == account_id, TotpApp.disabled_at.is_(None))
        .values(disabled_at=ctx.now())
        .returning(TotpApp.id)
        .execution_options(synchronize_session=False)
    )
    return len(stopped.all())


def _use_step(ctx: Context, app_id: str, step: int) -> bool:
    used = ctx.db.execute(
        update(TotpApp)
        .where(TotpApp.id == app_id, TotpApp.last_step < step)
        .values(last_step=step)
        .returning(TotpApp.id)
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


def _keep(ctx: Context, account_id: str, name: str, secret: str, step: int) -> App:
    row_id = new_id()
    row = TotpApp(
        id=row_id,
        account_id=account_id,
        name=name,
        secret_sealed=ctx.sealing.seal(secret.encode(), bound_to=_bound_to(row_id)),
        last_step=step,
        created_at=ctx.now(),
    )
    ctx.db.add(row)
    ctx.db.flush()
    return App(row.id, row.name, row.created_at)


def count(ctx: Context, account_id: str) -> int:
    """Return how many working apps a person has."""
    return ctx.db.scalar(select(func.count()).select_from(_working(account_id).subquery())) or 0


def _working(account_id: str) -> Select[TotpApp]:
    return (
        select(TotpApp)
        .where(TotpApp.account_id == account_id, TotpApp.disabled_at.is_(None))
        .order_by(TotpApp.created_at)
    )


def _used_at(ctx: Context, row: TotpApp) -> datetime | None:
    """Return when the newest accepted code was shown, to its time step; None: never one."""
    period = ctx.policies.mfa.totp_period_seconds
    return datetime.fromtimestamp(row.last_step * period, UTC) if row.last_step else None


def _totp(policy: MfaPolicy, secret: str) -> pyotp.TOTP:
    return pyotp.TOTP(secret, digits=policy.totp_digits, interval=policy.totp_period_seconds)


def _bound_to(app_id: str) -> str:
    return f"totp_app:secret_sealed:{app_id}"
