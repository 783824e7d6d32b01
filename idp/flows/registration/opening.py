"""Opening the account of a proven mailbox: the one place where a registration becomes one."""

from idp.flows.registration import mail, progress
from idp.flows.registration.progress import Outcome, Proof
from idp.foundation.audit.service import Event, record
from idp.foundation.context import Context
from idp.foundation.results import Refused
from idp.people.accounts import registrations
from idp.people.accounts import service as accounts
from idp.people.accounts.registrations import Registration, Waiting
from idp.people.accounts.service import Account
from idp.people.credentials import passwords
from idp.web import proven
from idp.web.transactions.service import Transaction


def open_account(
    ctx: Context, transaction: Transaction, registration: Registration, method: str
) -> Outcome:
    """Make an account of what the prover of the mailbox typed; inside `writing`.

    method: "code" or "link". The person is half-way in then: a second factor is still owed.
    Names that others hold are told here and not earlier, because here a mailbox is proven.
    """
    waiting = registrations.read(ctx, registration)
    account = accounts.create(ctx, waiting.details, state="pending_mfa", verified=True)
    if isinstance(account, Refused):
        if account.key == "username_taken":
            proof = Proof(waiting.details.email, method, registration.id)
            kept = progress.keep_proof(ctx, transaction, proof)
            return Outcome("username_taken", kept)
        return email_taken(ctx, transaction, waiting.details.email)
    passwords.set_hash(ctx, account.id, registration.password_hash)
    _record(ctx, account, waiting, method)
    # What others typed for this address is worth nothing from now on.
    registrations.forget_address(ctx, waiting.details.email)
    mail.welcome(ctx, account)
    forgotten = progress.forget(ctx, transaction)
    return Outcome("opened", proven.prove(ctx, forgotten, account))


def email_taken(ctx: Context, transaction: Transaction, email: str | None = None) -> Outcome:
    """Note that the proven mailbox has an account already; inside `writing`."""
    if email is not None:
        registrations.forget_address(ctx, email)
    return Outcome("email_taken", progress.keep_taken(ctx, transaction))


def _record(ctx: Context, account: Account, waiting: Waiting, method: str) -> None:
    version, language = waiting.terms_version, waiting.details.language
    accounts.accept_terms(ctx, account.id, version)
    events = {
        Event.EMAIL_VERIFIED: {"method": method, "purpose": "registration"},
        Event.TERMS_ACCEPTED: {"version": version, "language": language},
        Event.REGISTRATION_COMPLETED: {"account_type": account.account_type},
    }
    for event, changes in events.items():
        record(ctx, event, subject_id=account.id, actor_id=account.id, changes=changes)
