"""What a person signs in with, and changing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.flows.security import mail, rules
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.credentials import factors, passwords, recovery_codes
from idp.people.credentials.factors import Factor, Kind
from idp.web.sessions import replace_cookie

_GONE = Refused("gone")


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that the person signs in with, and what can be changed about it now."""

    factors: Sequence[Factor]
    recovery_codes_left: int
    are_codes_few: bool
    password_changed_at: datetime | None
    held_until: datetime | None
    room_for: frozenset[Kind]

    def of(self, kind: Kind) -> list[Factor]:
        """Return the authenticators of one kind."""
        return [one for one in self.factors if one.kind == kind]


@dataclass(frozen=True, slots=True)
class Single:
    """One authenticator, and whether it may be removed; held_until: not before then."""

    factor: Factor
    is_last: bool
    held_until: datetime | None


def overview(ctx: Context, account_id: str) -> Overview:
    """Return what a person signs in with. LookupError without an account."""
    account, policy = _account(ctx, account_id), ctx.policies.mfa
    found, left = factors.listed(ctx, account_id), recovery_codes.left(ctx, account_id)
    most: dict[Kind, int] = {"passkey": policy.passkeys, "totp": policy.totp_apps}
    has_room = {kind for kind in most if sum(one.kind == kind for one in found) < most[kind]}
    return Overview(
        factors=found,
        recovery_codes_left=left,
        are_codes_few=left <= policy.recovery_codes_reminder,
        password_changed_at=passwords.changed_at(ctx, account_id),
        held_until=factors.held_until(ctx, account),
        room_for=frozenset(has_room),
    )


def single(ctx: Context, account_id: str, factor_id: str) -> Single | None:
    """Return one authenticator of this person; None when it is nobody's or somebody else's."""
    factor = factors.find(ctx, account_id, factor_id)
    if factor is None:
        return None
    is_last = not rules.may_remove(factors.count(ctx, account_id))
    return Single(factor, is_last, factors.held_until(ctx, _account(ctx, account_id)))


def rename(ctx: Context, account_id: str, factor_id: str, name: str) -> Refused | None:
    """Give an authenticator another name. `Refused`: gone."""
    with writing(ctx.db):
        factor = factors.find(ctx, account_id, factor_id)
        if factor is None:
            return _GONE
        if factor.name != name:
            factors.rename(ctx, factor, name)
            _record(ctx, Event.MFA_RENAMED, account_id, factor)
            mail.tell_renamed(ctx, _account(ctx, account_id), factor, name)
    return None


def remove(ctx: Context, account_id: str, factor_id: str) -> Refused | None:
    """Forget an authenticator, never the last. `Refused`: gone, held, last.

    The account is locked first, so that of two tabs that remove one each the second finds the
    last one. The cookie is replaced, so that a copy of the former is worth nothing (case SE-01).
    """
    with writing(ctx.db):
        account = _account(ctx, account_id)
        ctx.db.refresh(account, with_for_update=True)
        factor = factors.find(ctx, account_id, factor_id)
        if factor is None:
            return _GONE
        if factors.held_until(ctx, account):
            return Refused("held")
        if not rules.may_remove(factors.count(ctx, account_id)):
            return Refused("last")
        factors.remove(ctx, factor)
        _record(ctx, Event.MFA_REMOVED, account_id, factor)
        mail.tell_removed(ctx, account, factor)
        replace_cookie(ctx)
    return None


def _record(ctx: Context, event: Event, account_id: str, factor: Factor) -> None:
    which = {"kind": factor.kind, "authenticator_id": factor.id}
    record(ctx, event, subject_id=account_id, actor_id=account_id, changes=which)


def _account(ctx: Context, account_id: str) -> Account:
    account = accounts.get(ctx, account_id)
    if account is None:
        raise LookupError("a session without its account")
    return account
