"""Where an access token stands in a request. RFC 6750 §2.1 and §2.2."""

import re

from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.parameters import Parameters

# RFC 6750 §2.1: b64token
_HEADER = re.compile(r"bearer +([A-Za-z0-9._~+/-]{1,4096}=*)", re.IGNORECASE)
INVALID_TOKEN = ProtocolError("invalid_token", "The access token is not valid.")


def presented(header: str | None, body: Parameters) -> str | ProtocolError | None:
    """Return the access token, an error, or None where the request has none at all.

    header: the Authorization header. body: the parameters of a form body; a token in the address
    is never looked at (RFC 6750 §2.3 calls it insecure; case UI-01).
    """
    in_body = body.get("access_token")
    if "access_token" in body.repeated or (header is not None and in_body is not None):
        return invalid_request("The access token was sent in more than one place.")
    if header is None:
        return in_body
    found = _HEADER.fullmatch(header.strip())
    return found[1] if found else INVALID_TOKEN
