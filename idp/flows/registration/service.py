"""Use cases of the pages before the mailbox is proven: nothing here tells what is taken."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from idp.flows.registration import mail, opening, progress, rules
from idp.flows.registration.progress import Awaited, Outcome, Proof
from idp.foundation.audit.service import Event, record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes.service import Purpose
from idp.foundation.one_time_codes.spacing import Wait, may_send
from idp.foundation.results import Refused
from idp.foundation.retrying import trying_again
from idp.people.accounts import registrations
from idp.people.accounts import service as accounts
from idp.people.accounts.registrations import Registration
from idp.people.accounts.rules import phone_e164
from idp.people.accounts.service import Account, Details
from idp.people.credentials import passwords
from idp.people.credentials.rules import Personal
from idp.web.transactions.service import Transaction


def keep_draft(ctx: Context, transaction: Transaction, values: Mapping[str, str]) -> Transaction:
    """Keep what a step brought beside what earlier steps brought."""
    with writing(ctx.db):
        draft = {**progress.draft_of(ctx, transaction), **values}
        return progress.keep_draft(ctx, transaction, draft)


def details_of(draft: Mapping[str, str]) -> Details:
    """Return the details of a finished draft; its phone number is as it was typed."""
    is_business = draft["account_type"] == rules.BUSINESS
    left_out = () if is_business else rules.BUSINESS_FIELDS
    values = {name: text for name, text in draft.items() if name not in left_out}
    phone = phone_e164(draft.get("mobile_number", "")) or ""
    return Details(**values | {"mobile_number": phone})


def personal_of(draft: Mapping[str, str]) -> Personal:
    """Return what of the person must not stand in the password (case RG-15)."""
    names = (draft.get("first_name", ""), draft.get("last_name", ""))
    return Personal(draft.get("username", ""), names)


def unmet_rules(ctx: Context, draft: Mapping[str, str], password: str) -> list[str]:
    """Return the keys of every rule that a chosen password breaks (see credentials.rules)."""
    return passwords.judge(ctx, password, personal_of(draft))


def submit(
    ctx: Context, transaction: Transaction, draft: Mapping[str, str], password: str
) -> Outcome:
    """Keep a finished registration and mail its code; the same work whatever is taken (RG-01).

    password: judged. With a mailbox that is proven already the account is opened at once.
    """
    details, proof = details_of(draft), Proof.of(transaction)
    # Slow on purpose, so before the database is locked; and made whatever comes of it.
    password_hash = passwords.make_hash(ctx, password)
    if proof:
        details = replace(details, email=proof.email)
    return trying_again(ctx, lambda: _submitted(ctx, transaction, details, password_hash, proof))


def resend(ctx: Context, transaction: Transaction) -> Refused | None:
    """Mail a new code; `Refused` too_soon (values: seconds) before this transaction's wait ends.

    The address's own limits, which count everybody's mails, are kept without a word.
    """
    awaited = Awaited.of(transaction)
    if awaited is None:
        return None
    if seconds := seconds_until_next_mail(ctx, awaited):
        return Refused("too_soon", values={"seconds": seconds})
    with writing(ctx.db):
        registration = registrations.get(ctx, awaited.registration_id)
        _mail_code(ctx, transaction, awaited, registration)
        again = _waits(ctx, awaited, registration.created_at if registration else awaited.mailed_at)
        progress.keep_awaited(ctx, transaction, again)
    return None


def seconds_until_next_mail(ctx: Context, awaited: Awaited) -> int:
    """Return how long a transaction has to wait before it may ask for another mail."""
    waits = ctx.policies.rate_limits.code_mail.waits_seconds
    return rules.seconds_until_next_mail(awaited.mails, awaited.mailed_at, ctx.now(), waits)


def _submitted(
    ctx: Context,
    transaction: Transaction,
    details: Details,
    password_hash: str,
    proof: Proof | None,
) -> Outcome:
    version = ctx.policies.accounts.terms_version
    registration = registrations.keep(
        ctx, transaction.id, details, password_hash=password_hash, terms_version=version
    )
    if proof:
        return opening.open_account(ctx, transaction, registration, proof.method)
    former = Awaited.of(transaction)
    if former and former.registration_id != registration.id:
        # Its code was mailed to another address and must prove nothing here.
        one_time_codes.void_all(ctx, Purpose.EMAIL_VERIFICATION, subject=former.registration_id)
    awaited = Awaited(registration.id, details.email, details.language, 0, ctx.now(), ctx.now())
    owner = _mail_code(ctx, transaction, awaited, registration)
    _record_start(ctx, details, owner)
    kept = _waits(ctx, awaited, registration.created_at)
    return Outcome("waiting", progress.keep_awaited(ctx, transaction, kept))


def _mail_code(
    ctx: Context, transaction: Transaction, awaited: Awaited, registration: Registration | None
) -> Account | None:
    """Mail the code, or to the owner of a taken address that it is taken; return the owner.

    A code is issued in both cases, so that both cost the same; the owner's never comes to life,
    because no mail carries it.
    """
    owner = accounts.living_by_email(ctx, awaited.email)
    if isinstance(may_send(ctx, Purpose.EMAIL_VERIFICATION, awaited.email), Wait):
        return owner
    issued = one_time_codes.issue(
        ctx,
        Purpose.EMAIL_VERIFICATION,
        transaction_id=transaction.id,
        subject=awaited.registration_id,
    )
    if owner is not None:
        mail.already_registered(ctx, owner)
    elif registration is not None:
        mail.verify_email(ctx, issued, to=awaited.email, language=awaited.language)
    return owner


def _waits(ctx: Context, awaited: Awaited, registered_at: datetime) -> Awaited:
    """Return what is awaited after one more mail: as long as its link, never beyond expiry."""
    codes, now = ctx.policies.one_time_codes, ctx.now()
    link_seconds = codes.lives[Purpose.EMAIL_VERIFICATION].link_seconds
    ends_at = now + timedelta(seconds=codes.hand_over_seconds + link_seconds)
    expires_at = registered_at + timedelta(seconds=ctx.policies.accounts.unconfirmed_seconds)
    until = min(ends_at, expires_at)
    return replace(awaited, mails=awaited.mails + 1, mailed_at=now, until=until)


def _record_start(ctx: Context, details: Details, owner: Account | None) -> None:
    record(
        ctx,
        Event.REGISTRATION_STARTED,
        subject_id=owner.id if owner else None,
        reason="email_taken" if owner else None,
        changes={"account_type": details.account_type},
    )
