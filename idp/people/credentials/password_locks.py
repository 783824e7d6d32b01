"""Every lock of one person's password: by each of their names, and over all names together."""

from idp.foundation.context import Context
from idp.people.accounts import service as accounts
from idp.people.accounts.service import Account
from idp.people.credentials import attempts
from idp.people.credentials.attempts import Counter


def is_locked(ctx: Context, typed: str, account: Account | None) -> bool:
    """Tell whether a password is locked, by whichever name; the same work when nobody has it."""
    locks = [attempts.locked_until(ctx, counter) for counter in _counters(ctx, typed, account)]
    return account is not None and any(locks)


def clear(ctx: Context, account: Account) -> None:
    """Forget every failure and lock of a password; inside `writing`."""
    for counter in _counters(ctx, account.username, account):
        attempts.clear(ctx, counter)


def _counters(ctx: Context, typed: str, account: Account | None) -> list[Counter]:
    """Return the counters of each name and of the person; as many for a name that nobody has."""
    names = [account.username, account.email] if account else [typed, typed]
    keys = [accounts.identifier_key(ctx, name) for name in names]
    nobody = attempts.nobody_counter(ctx, keys[0])
    person = attempts.person_counter(ctx, account.id) if account else nobody
    return [*(attempts.identifier_counter(ctx, key) for key in keys), person]
