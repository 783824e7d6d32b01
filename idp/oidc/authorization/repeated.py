"""Parameters sent twice. RFC 6749 §3.1: none may be included more than once."""

from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError, invalid_request


def check(asked: Asked) -> ProtocolError | None:
    """Refuse any twin, of names we know or not: two readers must not see two requests."""
    if asked.parameters.repeated:
        return invalid_request("A parameter was sent more than once.")
    return None
