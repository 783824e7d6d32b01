"""Signing in with a password: what a right one leads to."""

from dataclasses import dataclass

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.results import Refused
from idp.people.accounts import conformance
from idp.people.accounts.service import Account
from idp.people.credentials import password_check
from idp.web.proven import prove
from idp.web.sessions import open_for
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction


@dataclass(frozen=True, slots=True)
class Entered:
    """The password was right; what is still owed is a second factor, or enrolling the first.

    is_complete: nothing is owed, which is so in the conformance environment alone.
    """

    transaction: Transaction
    owes_enrolment: bool
    is_complete: bool = False


def check_password(
    ctx: Context, transaction: Transaction, typed: str, password: str, browser: str | None = None
) -> Entered | Refused:
    """Check a password and note in the transaction whose it is; not yet a session.

    browser: see password_check. `Refused`: as it says. The transaction and the browser's cookie
    are renewed by success.
    """
    entered = password_check.check(
        ctx, typed, password, lambda account: _note(ctx, transaction, account), browser
    )
    if isinstance(entered, Refused) and entered.key == "locked":
        with writing(ctx.db):  # for whoever comes back from unlocking it
            transactions.save(ctx, transaction, sign_in_name=typed)
    return entered


def _note(ctx: Context, transaction: Transaction, account: Account) -> Entered:
    proved = prove(ctx, transaction, account)
    if conformance.needs_no_second_factor(ctx, account):
        open_for(ctx, proved, account, amr=("pwd",), auth_time=ctx.now(), factor_time=None)
        return Entered(proved, owes_enrolment=False, is_complete=True)
    return Entered(proved, account.state == "pending_mfa")
