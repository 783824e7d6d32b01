"""The one account of the conformance environment, and the rule that it is the only one there.

The official suite signs in by password alone and asks for every standard claim. Nothing stored
marks the account: only the environment that the process runs in makes it special, so that its
database is worth nothing anywhere else.
"""

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from idp.foundation.context import Context
from idp.people.accounts.model import Account
from idp.people.accounts.service import Details

USERNAME = "conformance"
DETAILS = Details(
    account_type="individual",
    username=USERNAME,
    prefix="Dr.",
    first_name="Connie",
    middle_initial="F",
    last_name="Ormance",
    suffix="Jr.",
    email="conformance@example.org",
    mobile_number="+19195550142",
)
_ADDRESS = {
    "formatted": "1 Capital Sq\nRaleigh NC 27601\nUnited States",
    "street_address": "1 Capital Sq",
    "locality": "Raleigh",
    "region": "NC",
    "postal_code": "27601",
    "country": "United States",
}
_CLAIMS = {
    "nickname": "Con",
    "profile": "https://example.org/conformance",
    "picture": "https://example.org/conformance.png",
    "website": "https://conformance.example.org/",
    "gender": "female",
    "birthdate": "1970-01-31",
    "zoneinfo": "America/New_York",
}


class OtherAccounts(Exception):
    """The database holds somebody's account: the conformance environment must not open it."""


def refuse_other_accounts(session: Session) -> None:
    """Raise OtherAccounts when any account but the suite's is there; a fresh database is fine."""
    if not inspect(session.connection()).has_table(Account.__tablename__):
        return
    if session.scalar(select(Account.id).where(Account.username_key != USERNAME).limit(1)):
        raise OtherAccounts("IDP_ENVIRONMENT=conformance, but the database holds other accounts")


def needs_no_second_factor(ctx: Context, account: Account) -> bool:
    """Tell whether the password is all this account signs in with."""
    return ctx.settings.is_conformance and account.username_key == USERNAME


def fill(account: Account) -> None:
    """Give an account every standard claim of OpenID Connect Core §5.1; inside `writing`."""
    account.address, account.standard_claims = dict(_ADDRESS), dict(_CLAIMS)
