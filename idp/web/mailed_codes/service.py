"""Asking for a mailed code, and using a mailed code or link: for every flow that mails one.

The same rows are written for a name that nobody has, or whose owner gets no mail: what is queued
then goes to nobody and the worker drops it, so that known and unknown cost the same (case RC-11).
Functions that change something are called inside `writing`, unless they say otherwise.
"""

from datetime import datetime
from typing import Any

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.mail.service import send
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes import spacing
from idp.foundation.one_time_codes.service import IssuedCode, Peeked, Purpose, Redeemed
from idp.foundation.rate_limits.service import LimitName, hit
from idp.foundation.results import Refused
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.credentials import attempts
from idp.web import known_browser
from idp.web.mailed_codes import rules
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

__all__ = ["Purpose", "Redeemed"]

_KEPT_MOMENTS = 10
_LONGEST_TOKEN = 64


def is_allowed(ctx: Context) -> bool:
    """Count a request for mail against the limit of its address; False: too many.

    Call it before the use case, outside of `writing`.
    """
    return hit(ctx, LimitName.CODE_REQUEST_IP, ctx.origin.ip or "unknown")


def too_early(
    ctx: Context, transaction: Transaction, purpose: Purpose, typed: str
) -> Refused | None:
    """Return `Refused` wait (values: seconds) when this very tab asked a moment ago."""
    waits = ctx.policies.rate_limits.code_mail.waits_seconds
    wait = rules.seconds_to_wait(_asked_at(transaction, purpose, typed), ctx.now(), waits)
    return Refused("wait", values={"seconds": wait}) if wait else None


def request(
    ctx: Context,
    transaction: Transaction,
    purpose: Purpose,
    typed: str,
    *,
    owner: Account | None,
    template: str,
) -> Transaction:
    """Mail a code and link to the owner, and note in the tab for which name it asked.

    owner: None when nobody gets a mail. template: gets username, code, token and minutes.
    """
    # Only mails that go out count for a mailbox: asking in vain uses up nobody's mails.
    address = owner.email if owner else f"nobody: {typed}"
    # A browser that is recognised for the owner has a share of its own: nobody else uses up the
    # mails that its owner asks for (case LG-05).
    browser = known_browser.recognised(ctx, owner.id if owner else None)
    share = f"{purpose}:{browser}" if browser else purpose
    if isinstance(spacing.may_send(ctx, share, address), spacing.Allowed):
        issued = _issue(ctx, transaction, purpose, owner)
        _send(ctx, template, purpose, owner, issued)
    moments = [*_asked_at(transaction, purpose, typed), ctx.now()][-_KEPT_MOMENTS:]
    asked = {"typed": typed, "asked_at": [moment.isoformat() for moment in moments]}
    lives_seconds = ctx.policies.one_time_codes.wait_seconds(purpose)
    return transactions.save(ctx, transaction, lives_seconds=lives_seconds, **{purpose: asked})


def typed_name(transaction: Transaction, purpose: Purpose) -> str | None:
    """Return for which name this tab asked, or None when it has not asked."""
    typed: str | None = transaction.progress.get(purpose, {}).get("typed")
    return typed


def identifier_hash(ctx: Context, typed: str) -> str:
    """Return the keyed hash by which audit records name what was typed, known or not."""
    return attempts.identifier_counter(ctx, accounts.identifier_key(ctx, typed)).key


def redeem_code(
    ctx: Context, transaction: Transaction, purpose: Purpose, code: str
) -> Redeemed | Refused:
    """Consume the code typed in the tab that asked; `Refused`: code_not_accepted."""
    return one_time_codes.redeem_code(ctx, purpose, transaction_id=transaction.id, code=code)


def keep_link(
    ctx: Context, browser_digest: str, purpose: Purpose, token: str, *, return_to: str
) -> Transaction:
    """Take a link's token off the address, sealed into a transaction of its own (case RC-06).

    Opens its own `writing`.
    """
    with writing(ctx.db):
        transaction = transactions.begin(ctx, browser_digest, return_to=return_to)
        place = _bound_to(transaction, purpose)
        sealed = ctx.sealing.seal(token[:_LONGEST_TOKEN].encode(), bound_to=place)
        kept: dict[str, Any] = {_link_of(purpose): sealed}
        return transactions.save(ctx, transaction, **kept)


def link_works(ctx: Context, transaction: Transaction, purpose: Purpose) -> bool:
    """Tell whether the kept link would work; asking uses nothing up (case RG-11)."""
    return peek_link(ctx, transaction, purpose) is not None


def peek_link(ctx: Context, transaction: Transaction, purpose: Purpose) -> Peeked | None:
    """Return what the kept link is about; None when it does not work. Uses nothing up."""
    token = _kept_token(ctx, transaction, purpose)
    return one_time_codes.peek_link(ctx, purpose, token) if token else None


def redeem_link(ctx: Context, transaction: Transaction, purpose: Purpose) -> Redeemed | Refused:
    """Consume the kept link; `Refused`: code_not_accepted."""
    token = _kept_token(ctx, transaction, purpose) or ""
    return one_time_codes.redeem_link(ctx, purpose, token)


def first_tab(
    ctx: Context, browser_digest: str, transaction: Transaction, redeemed: Redeemed
) -> Transaction:
    """Return the way on which the code of a link was asked for, if it was begun in this browser.

    So a link that opens a tab of its own still leads to where the person was going; the tab that
    asked is stale from then on. Opened elsewhere, the link's own way goes on.
    """
    former = transactions.take_over(ctx, browser_digest, redeemed.transaction_id)
    if former is None:
        return transaction
    transactions.forget(ctx, transaction)
    return former


def spent(purpose: Purpose) -> dict[str, None]:
    """Return the progress to save when code or link was right: nothing of either is kept."""
    return {purpose: None, _link_of(purpose): None}


def _issue(
    ctx: Context, transaction: Transaction, purpose: Purpose, owner: Account | None
) -> IssuedCode:
    """Make a code; for nobody one that is void from the start."""
    subject = owner.id if owner else transaction.id
    issued = one_time_codes.issue(ctx, purpose, transaction_id=transaction.id, subject=subject)
    if owner is None:
        one_time_codes.void_all(ctx, purpose, subject=subject)
    return issued


def _send(
    ctx: Context, template: str, purpose: Purpose, owner: Account | None, issued: IssuedCode
) -> None:
    """Queue the mail; without an owner the worker finds its code void and drops it."""
    life = ctx.policies.one_time_codes.lives[purpose]
    send(
        ctx,
        template,
        to=owner.email if owner else ctx.settings.mail.address,
        language=owner.language if owner else ctx.language,
        values={
            "username": owner.username if owner else "",
            "code": issued.code,
            "token": issued.link_token,
            "minutes": life.code_seconds // 60,
        },
        code_id=issued.id,
    )


def _asked_at(transaction: Transaction, purpose: Purpose, typed: str) -> list[datetime]:
    """Return when this tab asked for the same name; another name is no repetition."""
    moments = []
    if typed == typed_name(transaction, purpose):
        moments = transaction.progress[purpose]["asked_at"]
    return [datetime.fromisoformat(moment) for moment in moments]


def _kept_token(ctx: Context, transaction: Transaction, purpose: Purpose) -> str | None:
    sealed = transaction.progress.get(_link_of(purpose))
    place = _bound_to(transaction, purpose)
    return ctx.sealing.open(sealed, bound_to=place).decode() if sealed else None


def _link_of(purpose: Purpose) -> str:
    return f"{purpose}_link"


def _bound_to(transaction: Transaction, purpose: Purpose) -> str:
    return f"flow_transaction:{_link_of(purpose)}:{transaction.id}"
