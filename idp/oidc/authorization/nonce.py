"""nonce: ties an ID token to the client's session. OpenID Connect Core §3.1.2.1, §15.5.2."""

from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError, invalid_request

_LONGEST = 512


def check(asked: Asked) -> ProtocolError | None:
    """Demand one where there is no PKCE (RFC 9700 §2.1.1); refuse what no row could hold."""
    nonce = asked.get("nonce")
    if nonce is None:
        bound = asked.get("code_challenge") is not None or not asked.client.requires_nonce
        return None if bound else invalid_request("nonce is required without PKCE.")
    if len(nonce) > _LONGEST or not nonce.isprintable():
        return invalid_request("nonce must be printable and at most 512 characters.")
    return None
