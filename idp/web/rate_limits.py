"""The limit of forms from one address, by Flask-Limiter over the counting that all processes share.

Limits that need to know more than the address (sign-in by identifier, registration, code mails)
are asked by the use cases' pages through `foundation.rate_limits.hit`.
"""

from flask import Flask, request
from flask_limiter import Limiter

from idp.foundation.database import db
from idp.foundation.policy_models.rate_limits import LimitName
from idp.foundation.rate_limits.limits_storage import SCHEME, STRATEGY
from idp.foundation.rate_limits.rules import countable
from idp.foundation.rate_limits.service import windows_of
from idp.web.context import client_address, current_view, parts
from idp.web.guards import declared_by


def register(app: Flask) -> None:
    """Count the forms that one address sends; beyond the limit it gets 429 with Retry-After."""
    with app.app_context():
        limit = parts().policies.rate_limits.limits[LimitName.POST_IP]
        windows = windows_of(parts(), db.engine)
    Limiter(
        _address,
        app=app,
        application_limits=[f"{limit.amount} per {limit.per_seconds} seconds"],
        application_limits_exempt_when=_is_exempt,
        storage_uri=f"{SCHEME}://",
        storage_options={"windows": windows},  # type: ignore[dict-item]  # handed on as it is
        strategy=STRATEGY,
    )


def _address() -> str:
    return countable(client_address(request) or "unknown")


def _is_exempt() -> bool:
    """Reading is free, and protocol endpoints count failures of client authentication instead."""
    declared = declared_by(current_view())
    return request.method != "POST" or declared is None or not declared.csrf
