"""The answer to whoever did something too often."""

from flask import Response

from idp.foundation.context import Context
from idp.foundation.rate_limits.service import LimitName
from idp.web import errors
from idp.web.statuses import TOO_MANY


def too_many(ctx: Context, name: LimitName) -> Response:
    """Return the page for a limit that was reached; Retry-After is the limit's own window."""
    return errors.answer(TOO_MANY, retry_after=ctx.policies.rate_limits.limits[name].per_seconds)
