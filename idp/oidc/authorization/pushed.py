"""require_pushed_authorization_requests: whether the request had to be pushed. RFC 9126 §5, §6."""

from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError, invalid_request


def check(asked: Asked) -> ProtocolError | None:
    """Refuse what came through the browser from a client that said it pushes its requests."""
    if asked.client.requires_pushed and not asked.is_pushed:
        return invalid_request("The client is registered to push its requests.")
    return None
