"""Accepting the terms of use."""

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.retrying import trying_again
from idp.people.accounts import service as accounts


def accept(ctx: Context, account_id: str, version: str) -> bool:
    """Keep that a person accepted the version that the page showed; once is enough.

    False when another version has come into force since, so that the page must be shown again.
    Two tabs at once: the second finds what the first has kept.
    """
    if version != ctx.policies.accounts.terms_version:
        return False
    trying_again(ctx, lambda: _accept(ctx, account_id, version))
    return True


def _accept(ctx: Context, account_id: str, version: str) -> None:
    if not accounts.owes_terms(ctx, account_id):
        return
    accounts.accept_terms(ctx, account_id, version)
    how = {"version": version, "language": ctx.language}
    record(ctx, Event.TERMS_ACCEPTED, subject_id=account_id, changes=how)
