"""The order of the checks of an authorization request, on one screen.

Before these, `destination.verified` has found the client and its redirect_uri: errors up to there
are pages, errors from here on are answers to the client (RFC 6749 §4.1.2.1).
"""

from collections.abc import Callable

from idp.oidc.authorization import (
    claims_parameter,
    details,
    id_token_hint,
    max_age,
    nonce,
    pkce,
    prompt,
    pushed,
    repeated,
    resource,
    response_mode,
    response_type,
    scope,
)
from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError

Check = Callable[[Asked], ProtocolError | None]

CHECKS: tuple[Check, ...] = (
    repeated.check,
    pushed.check,
    response_mode.check,
    response_type.check,
    scope.check,
    pkce.check,
    nonce.check,
    prompt.check,
    max_age.check,
    claims_parameter.check,
    id_token_hint.check,
    resource.check,
    details.check,
)


def first_error(asked: Asked) -> ProtocolError | None:
    """Return what the first failing check says, or None where the request is sound."""
    return next((error for check in CHECKS if (error := check(asked))), None)
