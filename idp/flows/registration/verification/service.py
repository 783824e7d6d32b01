"""Use cases of proving a mailbox. Whoever proves it never inherits what somebody else typed."""

from dataclasses import dataclass, replace

from idp.flows.registration import opening, progress
from idp.flows.registration.progress import Outcome, Proof
from idp.flows.registration.service import personal_of
from idp.foundation.audit.service import Event, record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes.service import Peeked, Purpose, Redeemed
from idp.foundation.results import Refused
from idp.foundation.retrying import trying_again
from idp.people.accounts import registrations
from idp.people.accounts import service as accounts
from idp.people.accounts.registrations import Registration
from idp.people.credentials import attempts, passwords
from idp.web.mailed_codes.service import first_tab
from idp.web.tabs import HOME
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

_WRONG_PASSWORD = Refused("password_wrong", "password")


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A mailed link that would work.

    asks_password: it was opened elsewhere than where the person registered, so only the password
    tells whether the same person typed the registration.
    """

    asks_password: bool


def confirm_code(ctx: Context, transaction: Transaction, code: str) -> Outcome | Refused:
    """Redeem the code typed in the tab that asked for it; `Refused` code_not_accepted."""

    def use_case() -> Outcome | Refused:
        redeemed = one_time_codes.redeem_code(
            ctx, Purpose.EMAIL_VERIFICATION, transaction_id=transaction.id, code=code
        )
        return _gone_on(ctx, transaction, redeemed, "code")

    return trying_again(ctx, use_case)


def keep_link(ctx: Context, browser_digest: str, token: str) -> Transaction | None:
    """Take a link's secret out of the address into a transaction; None when it does not work.

    Consumes nothing: mail scanners open links, too (case RG-11).
    """
    if one_time_codes.peek_link(ctx, Purpose.EMAIL_VERIFICATION, token) is None:
        return None
    with writing(ctx.db):
        transaction = transactions.begin(ctx, browser_digest, return_to=HOME)
        return progress.keep_link(ctx, transaction, token)


def look_at_link(ctx: Context, browser_digest: str, transaction: Transaction) -> OpenedLink | None:
    """Return what the kept link asks of the person; None when it no longer works."""
    peeked = _peeked(ctx, transaction)
    if peeked is None:
        return None
    is_here = transactions.is_open_in(ctx, browser_digest, peeked.transaction_id)
    return OpenedLink(asks_password=not is_here)


def confirm_link(
    ctx: Context, browser_digest: str, transaction: Transaction, password: str
) -> Outcome | Refused:
    """Redeem the kept link, once.

    In the browser that registered, the first tab's way goes on here. Elsewhere the password
    chosen then is asked. `Refused`: code_not_accepted, password_wrong.
    """
    token, peeked = progress.link_of(ctx, transaction), _peeked(ctx, transaction)
    if token is None or peeked is None:
        return one_time_codes.NOT_ACCEPTED
    is_here = transactions.is_open_in(ctx, browser_digest, peeked.transaction_id)
    if not is_here and not _knows_password(ctx, peeked.subject, password):
        return _WRONG_PASSWORD

    def use_case() -> Outcome | Refused:
        redeemed = one_time_codes.redeem_link(ctx, Purpose.EMAIL_VERIFICATION, token)
        onward = transaction
        if is_here and isinstance(redeemed, Redeemed):
            onward = first_tab(ctx, browser_digest, transaction, redeemed)
        return _gone_on(ctx, onward, redeemed, "link")

    return trying_again(ctx, use_case)


def begin_anew(ctx: Context, transaction: Transaction) -> Outcome | Refused:
    """Redeem the kept link and forget what was typed for its mailbox.

    The prover then types everything; the mailbox counts as proven. `Refused` code_not_accepted.
    """
    token = progress.link_of(ctx, transaction)
    if token is None:
        return one_time_codes.NOT_ACCEPTED
    with writing(ctx.db):
        redeemed = one_time_codes.redeem_link(ctx, Purpose.EMAIL_VERIFICATION, token)
        if isinstance(redeemed, Refused):
            return redeemed
        registration = registrations.get(ctx, redeemed.subject)
        if registration is None:
            return opening.email_taken(ctx, transaction)
        proof = Proof(registrations.read(ctx, registration).details.email, "link")
        registrations.forget(ctx, registration)
        return Outcome("anew", progress.keep_proof(ctx, transaction, proof))


def suggestions(ctx: Context, transaction: Transaction) -> list[str]:
    """Return free usernames near the taken one, for a person whose mailbox is proven."""
    registration = _proven_registration(ctx, transaction)
    if registration is None:
        return []
    username = registrations.read(ctx, registration).details.username
    return accounts.suggested_usernames(ctx, username)


def choose_username(
    ctx: Context, transaction: Transaction, username: str, password: str
) -> Outcome | Refused:
    """Open the account under another username than the one that was taken.

    The password is asked again because it must not hold the new name, which its hash cannot
    tell. `Refused`: password_wrong, username_in_password. The transaction must hold a proof.
    """
    registration = _proven_registration(ctx, transaction)
    if registration is None:
        with writing(ctx.db):
            return opening.email_taken(ctx, transaction)
    details = replace(registrations.read(ctx, registration).details, username=username)
    registration_id, method = registration.id, progress.method_of(transaction)
    if not _knows_password(ctx, registration_id, password):
        return _WRONG_PASSWORD
    if "personal" in passwords.judge(ctx, password, personal_of(details.as_json())):
        return Refused("username_in_password", "username")

    def use_case() -> Outcome | Refused:
        kept = registrations.get(ctx, registration_id)
        if kept is None:
            return opening.email_taken(ctx, transaction)
        registrations.rename(ctx, kept, username)
        return opening.open_account(ctx, transaction, kept, method)

    return trying_again(ctx, use_case)


def _gone_on(
    ctx: Context, transaction: Transaction, redeemed: Redeemed | Refused, method: str
) -> Outcome | Refused:
    if isinstance(redeemed, Refused):
        changes = {"method": method, "purpose": "registration"}
        record(ctx, Event.EMAIL_VERIFIED, outcome="failure", reason=redeemed.key, changes=changes)
        return redeemed
    registration = registrations.get(ctx, redeemed.subject)
    if registration is None:
        # Forgotten, because another registration for the same address became its account.
        return opening.email_taken(ctx, transaction)
    return opening.open_account(ctx, transaction, registration, method)


def _knows_password(ctx: Context, registration_id: str, password: str) -> bool:
    """Tell whether the password chosen at registration was typed; five tries, then a pause.

    True as well for a registration that is gone: what follows then opens nothing.
    """
    registration = registrations.get(ctx, registration_id)
    if registration is None:
        return True
    stored = registration.password_hash
    counter = attempts.identifier_counter(ctx, f"registration:{registration_id}")
    with passwords.slot(ctx):
        with writing(ctx.db):
            counted = attempts.count_try(ctx, counter)
        # Slow on purpose, so never while the database is locked.
        is_right = passwords.matches(ctx, stored, password)
    if not is_right or counted.locked_until:
        return False
    with writing(ctx.db):
        attempts.clear(ctx, counter)
    return True


def _proven_registration(ctx: Context, transaction: Transaction) -> Registration | None:
    proof = Proof.of(transaction)
    if proof is None or proof.registration_id is None:
        return None
    return registrations.get(ctx, proof.registration_id)


def _peeked(ctx: Context, transaction: Transaction) -> Peeked | None:
    token = progress.link_of(ctx, transaction)
    return one_time_codes.peek_link(ctx, Purpose.EMAIL_VERIFICATION, token) if token else None
