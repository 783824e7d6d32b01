"""request and request_uri: parameters inside a JWT. OpenID Connect Core §6, RFC 9101.

Not offered, so both are refused: to ignore them would answer a request that was not made. The
address in request_uri is never called (case AZ-25).
"""

from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError


def check(asked: Asked) -> ProtocolError | None:
    """Refuse with the errors of OpenID Connect Core §3.1.2.6."""
    if asked.get("request") is not None:
        return ProtocolError("request_not_supported", "Request objects are not supported.")
    if asked.get("request_uri") is not None:
        return ProtocolError("request_uri_not_supported", "request_uri is not supported.")
    return None
