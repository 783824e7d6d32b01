"""id_token_hint: whom the client expects. OpenID Connect Core §3.1.2.1.

An ID token of ours for this client, however old; whether it is this person's is decided when the
session is looked at (`sufficiency.py`).
"""

from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError, invalid_request


def check(asked: Asked) -> ProtocolError | None:
    """Refuse a hint that we did not sign, or signed for another client."""
    if asked.get("id_token_hint") is None:
        return None
    if asked.hint is None or asked.hint.client_id != asked.client.client_id:
        return invalid_request("id_token_hint is not an ID token of this provider for the client.")
    return None
