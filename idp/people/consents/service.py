"""Use of consents: give, look up, list, withdraw.

Functions that change something are called inside `writing`.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.ids import new_id
from idp.people.consents import rules
from idp.people.consents.model import Consent
from idp.people.consents.words import VERSION

__all__ = ["Consent", "covering", "give", "in_force", "listed", "withdraw"]


def in_force(ctx: Context, account_id: str, client_id: str) -> Consent | None:
    """Return what a person allows an application at present."""
    return ctx.db.scalar(
        select(Consent).where(
            Consent.account_id == account_id,
            Consent.client_id == client_id,
            Consent.withdrawn_at.is_(None),
        )
    )


def covering(
    ctx: Context, account_id: str, client_id: str, wanted: Collection[str]
) -> Consent | None:
    """Return the consent in force if it allows everything wanted, in the words of today."""
    found = in_force(ctx, account_id, client_id)
    is_enough = found is not None and rules.covers(found.scopes, found.words_version, wanted)
    return found if is_enough else None


def give(
    ctx: Context,
    account_id: str,
    client_id: str,
    *,
    client_names: Mapping[str, str],
    scopes: Collection[str],
) -> Consent:
    """Keep that the person allowed these scopes, beside those allowed before; inside `writing`."""
    found = in_force(ctx, account_id, client_id) or _first(ctx, account_id, client_id)
    found.scopes = rules.together(found.scopes, found.words_version, scopes)
    found.client_names, found.words_version = dict(client_names), VERSION
    found.given_at = ctx.now()
    ctx.db.flush()
    details = {"scope": " ".join(rules.in_order(scopes))}
    record(
        ctx,
        Event.OIDC_CONSENT_GRANTED,
        subject_id=account_id,
        client_id=client_id,
        changes=details,
    )
    return found


def listed(ctx: Context, account_id: str) -> Sequence[Consent]:
    """Return everything the person allows at present, the newest first."""
    return ctx.db.scalars(
        select(Consent)
        .where(Consent.account_id == account_id, Consent.withdrawn_at.is_(None))
        .order_by(Consent.given_at.desc(), Consent.client_id)
    ).all()


def withdraw(ctx: Context, account_id: str, consent_id: str) -> bool:
    """Take a person's own consent back; inside `writing`. Whatever rests on it is over at once.

    Tells whether it was this call that did it; somebody else's consent is not found (case AD-02).
    """
    gone = ctx.db.execute(
        update(Consent)
        .where(
            Consent.id == consent_id,
            Consent.account_id == account_id,
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=ctx.now())
        .returning(Consent.client_id, Consent.scopes)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if gone is None:
        return False
    record(
        ctx,
        Event.OIDC_CONSENT_REVOKED,
        subject_id=account_id,
        client_id=gone.client_id,
        changes={"scope": " ".join(gone.scopes)},
    )
    return True


def _first(ctx: Context, account_id: str, client_id: str) -> Consent:
    """Make the row; when another tab made it just now, that one is returned."""
    row = Consent(
        id=new_id(),
        account_id=account_id,
        client_id=client_id,
        client_names={},
        scopes=[],
        words_version=VERSION,
        given_at=ctx.now(),
    )
    try:
        with ctx.db.begin_nested():
            ctx.db.add(row)
    except IntegrityError:
        return in_force(ctx, account_id, client_id) or _first(ctx, account_id, client_id)
    return row
