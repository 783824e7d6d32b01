"""code_challenge and code_challenge_method: proof key for code exchange. RFC 7636 §4.3."""

import re

from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError, invalid_request

METHODS = ("S256",)
# RFC 7636 §4.2: code-challenge = 43*128unreserved.
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def check(asked: Asked) -> ProtocolError | None:
    """Demand an S256 challenge; nothing is assumed where the method is left out.

    RFC 9700 §2.1.1: a confidential client that knows no PKCE may be registered so, and then its
    nonce is demanded instead (see nonce.py). OWASP ASVS 5.0 V10.4.6 forbids `plain`.
    """
    challenge, method = asked.get("code_challenge"), asked.get("code_challenge_method")
    if challenge is None and method is None:
        required = asked.client.requires_pkce
        return invalid_request("code_challenge is required.") if required else None
    if challenge is None or not _CHALLENGE.fullmatch(challenge):
        return invalid_request("code_challenge must be 43 to 128 unreserved characters.")
    if method not in METHODS:
        return invalid_request("code_challenge_method must be S256.")
    return None
