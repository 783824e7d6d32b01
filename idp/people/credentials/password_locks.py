"""Every lock of one person's password: by each name, over all names, in recognised browsers."""

from idp.foundation.context import Context
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.browsers import service as browsers
from idp.people.credentials import attempts
from idp.people.credentials.attempts import Counter


def is_locked(ctx: Context, typed: str, account: Account | None) -> bool:
    """Tell whether a password is locked, by whichever name; the same work when nobody has it."""
    return attempts.any_locked(ctx, _counters(ctx, typed, account)) and account is not None


def clear(ctx: Context, account: Account) -> None:
    """Forget every failure and lock of a password; inside `writing`."""
    attempts.clear(ctx, *_counters(ctx, account.username, account))


def _counters(ctx: Context, typed: str, account: Account | None) -> list[Counter]:
    """Return the counters of each name, of the person and of the recognised browsers.

    Found by as many questions for a name that nobody has.
    """
    names = [account.username, account.email] if account else [typed, typed]
    keys = [accounts.identifier_key(ctx, name) for name in names]
    nobody = attempts.nobody_counter(ctx, keys[0])
    person = attempts.person_counter(ctx, account.id) if account else nobody
    known = browsers.listed(ctx, account.id if account else "")
    lanes = [attempts.lane_counter(ctx, browser.id) for browser in known]
    return [*(attempts.identifier_counter(ctx, key) for key in keys), person, *lanes]
