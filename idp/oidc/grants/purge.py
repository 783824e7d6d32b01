"""Deletes codes and tokens that are long over: a small batch at a time (case F-25)."""

from datetime import timedelta

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc.grants import client_tokens, store


def forget_ended(ctx: Context) -> int:
    """Delete one batch and return its size; the worker calls it again and again."""
    policy = ctx.policies.tokens
    before = ctx.now() - timedelta(seconds=policy.keep_ended_seconds)
    with writing(ctx.db):
        of_programs = client_tokens.forget_ended(ctx.db, before, policy.purge_batch)
        return of_programs + store.forget_ended(ctx.db, before, policy.purge_batch)
