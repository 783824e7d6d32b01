"""response_type: the flow. RFC 6749 §3.1.1; RFC 9700 §2.1.2 leaves only the code flow."""

from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError, invalid_request


def check(asked: Asked) -> ProtocolError | None:
    """Refuse all but `code`. RFC 6749 §4.1.2.1 names the two errors."""
    wanted = asked.get("response_type")
    if wanted is None:
        return invalid_request("response_type is missing.")
    if wanted != "code":
        return ProtocolError("unsupported_response_type", "Only response_type=code is offered.")
    return None
