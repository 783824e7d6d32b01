"""That a lost factor is about to be replaced, on every page of whoever is signed in or half-way."""

from idp.people.lost_factors import service as lost_factors
from idp.people.lost_factors.service import LostFactor
from idp.web.context import current_context
from idp.web.proven import proven
from idp.web.sessions import current_session
from idp.web.transactions.service import Transaction


def account_here(transaction: Transaction | None) -> str | None:
    """Return whose pages these are: who is signed in, or whose password was right in this tab."""
    if session := current_session():
        return session.account_id
    half = proven(current_context(), transaction) if transaction else None
    return half.account.id if half and not half.goes_to else None


def shown(transaction: Transaction | None) -> LostFactor | None:
    """Return the open recovery that a page must tell of; None before a password was right."""
    account_id = account_here(transaction)
    return lost_factors.open_of(current_context(), account_id) if account_id else None
