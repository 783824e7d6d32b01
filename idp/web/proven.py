"""The half-way state: somebody whose password is right (or mailbox proven) and who owes a factor.

It lives in the transaction, on the server, and is worth nothing anywhere else (case MF-07).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.foundation.context import Context
from idp.people.accounts import service as accounts
from idp.people.accounts.rules import SIGN_IN_STATES
from idp.people.accounts.service import Account
from idp.people.credentials import passwords
from idp.web.sessions import replace_cookie
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

SECOND_FACTOR = "/sign-in/mfa"
ENROLL = "/mfa/enroll"


@dataclass(frozen=True, slots=True)
class Proven:
    """Whose password was right in this transaction (or mailbox proven), and when.

    goes_to: where a right factor leads instead of opening a session, as in a password reset.
    """

    account: Account
    auth_time: datetime
    goes_to: str | None = None


def prove(
    ctx: Context, transaction: Transaction, account: Account, *, goes_to: str | None = None
) -> Transaction:
    """Note that this tab's person knows the account's password; inside `writing`.

    The browser's cookie is replaced at once (case SE-01); who is signed in stays so until the
    factor was right as well. goes_to: see Proven; then the mailbox was proven and not the password,
    and a factor opens no session.
    """
    noted = {
        "account_id": account.id,
        "auth_time": ctx.now().isoformat(),
        "goes_to": goes_to,
        "password": _password_of(ctx, account),
    }
    saved = transactions.save(ctx, transaction, proven=noted)
    replace_cookie(ctx)
    return saved


def proven(ctx: Context, transaction: Transaction) -> Proven | None:
    """Return who is half-way in this transaction; None when nobody, or not allowed any more.

    A right password is worth as long as a transaction that waits, whatever the person does in it,
    and no longer than it is the account's: choosing another one ends every way begun with it.
    """
    noted = transaction.progress.get("proven")
    if not noted:
        return None
    auth_time = datetime.fromisoformat(noted["auth_time"])
    if ctx.now() >= auth_time + timedelta(seconds=ctx.policies.session.transaction_seconds):
        return None
    account = accounts.get(ctx, noted["account_id"])
    if account is None or account.state not in SIGN_IN_STATES:
        return None
    if noted["password"] != _password_of(ctx, account):
        return None
    goes_to = noted.get("goes_to")
    if not goes_to and passwords.must_be_reset(ctx, account.id):
        return None  # a way to a session; a reset goes on
    return Proven(account, auth_time, goes_to)


def still_proven(ctx: Context, transaction: Transaction, half: Proven) -> bool:
    """Ask once more, now that nobody can end the account's sessions; inside `writing`.

    A reset, "this wasn't me" or a suspension may have come between.
    """
    accounts.hold(ctx, half.account.id)
    return proven(ctx, transaction) is not None


def note_factor(ctx: Context, transaction: Transaction, half: Proven, kind: str) -> Transaction:
    """Note that the factor of a way that opens no session was right; inside `writing`.

    kind: which factor it was. The half-way state ends with it: a factor is asked for once.
    """
    shown = {"account_id": half.account.id, "kind": kind, "at": ctx.now().isoformat()}
    return transactions.save(ctx, transaction, proven=None, factor=shown)


def shown_factor(ctx: Context, transaction: Transaction) -> Account | None:
    """Return whose second factor was right on this way; None when nobody's, or too long ago."""
    noted = transaction.progress.get("factor")
    if not noted:
        return None
    longest = timedelta(seconds=ctx.policies.session.transaction_seconds)
    if ctx.now() >= datetime.fromisoformat(noted["at"]) + longest:
        return None
    account = accounts.get(ctx, noted["account_id"])
    return account if account and account.state in SIGN_IN_STATES else None


def _password_of(ctx: Context, account: Account) -> str:
    """Return what tells an account's present password from any other that it had or gets."""
    return str(passwords.changed_at(ctx, account.id))


def forget(ctx: Context, transaction: Transaction) -> Transaction:
    """Take the half-way state back (too many wrong codes, a new start); inside `writing`."""
    return transactions.save(ctx, transaction, proven=None)
