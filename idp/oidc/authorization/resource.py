"""resource: whom the access tokens are meant for. RFC 8707 §2.

One a request: a token that two resources accept could be used by one at the other (RFC 9700
§4.10.2), so a client asks for a token for each.
"""

from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError


def wanted(asked: Asked) -> str | None:
    """Return the resource asked for, or None: this provider's own endpoints."""
    return asked.get("resource")


def check(asked: Asked) -> ProtocolError | None:
    """Refuse a resource that the client is not registered for."""
    target = wanted(asked)
    if target is not None and target not in asked.client.resources:
        return ProtocolError("invalid_target", "The client may not ask for this resource.")
    return None
