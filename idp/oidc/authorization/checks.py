"""The order of the checks of an authorization request, on one screen.

Before these, `destination.verified` has found the client and its redirect_uri: errors up to there
are pages, errors from here on are answers to the client (RFC 6749 §4.1.2.1).
"""

from collections.abc import Callable

from idp.oidc.authorization import (
    max_age,
    nonce,
    pkce,
    prompt,
    repeated,
    request_object,
    response_mode,
    response_type,
    scope,
)
from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError

Check = Callable[[Asked], ProtocolError | None]

CHECKS: tuple[Check, ...] = (
    repeated.check,
    response_mode.check,
    request_object.check,
    response_type.check,
    scope.check,
    pkce.check,
    nonce.check,
    prompt.check,
    max_age.check,
)


def first_error(asked: Asked) -> ProtocolError | None:
    """Return what the first failing check says, or None where the request is sound."""
    return next((error for check in CHECKS if (error := check(asked))), None)
