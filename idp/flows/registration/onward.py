"""Answers that the pages of registration share: where an outcome leads, and too many tries."""

from flask import Response

from idp.flows.registration.progress import Outcome
from idp.foundation.context import Context
from idp.foundation.rate_limits.service import LimitName, hit
from idp.web.pages import redirect_303
from idp.web.proven import ENROLL
from idp.web.too_many import too_many

REGISTER = "/register"
VERIFY = "/verify-email"
USERNAME = "/verify-email/username"
TAKEN = "/verify-email/registered"
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


def say_wait(ctx: Context) -> Response:
    """Answer what comes too often from one address."""
    return too_many(ctx, LimitName.REGISTRATION_IP)
