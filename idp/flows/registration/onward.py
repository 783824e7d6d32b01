"""Answers that the pages of registration share: where an outcome leads, and too many tries."""

from flask import Response

from idp.flows.registration.progress import Outcome
from idp.foundation.context import Context
from idp.foundation.rate_limits.service import LimitName, hit
from idp.web import errors
from idp.web.pages import redirect_303
from idp.web.proven import ENROLL

REGISTER = "/register"
VERIFY = "/verify-email"
USERNAME = "/verify-email/username"
TAKEN = "/verify-email/registered"
UNPROCESSABLE = 422
_TOO_MANY = 429
# The limit slides: a part of it is free again long before its hour is over.
_RETRY_SECONDS = 600
_PATHS = {
    "waiting": VERIFY,
    "opened": ENROLL,
    "anew": REGISTER,
    "username_taken": USERNAME,
    "email_taken": TAKEN,
}


def lead_on(outcome: Outcome) -> Response:
    """Redirect to the page of an outcome."""
    return redirect_303(_PATHS[outcome.kind], tx=outcome.transaction.handle)


def is_allowed(ctx: Context) -> bool:
    """Count one registration, or one question about a username, of this address (case RG-04)."""
    return hit(ctx, LimitName.REGISTRATION_IP, ctx.origin.ip or "unknown")


def say_wait() -> Response:
    """Answer what comes too often from one address."""
    return errors.answer(_TOO_MANY, retry_after=_RETRY_SECONDS)
