"""Which client is asking: client_secret_basic, client_secret_post and none. RFC 6749 §2.3.

Each client uses the one method it is registered with. Whatever is wrong, the answer is the same
(case TK-26): an unknown client is compared with a secret that nobody has.
"""

import base64
import binascii
from dataclasses import dataclass

from idp.oidc.clients.client import Client
from idp.oidc.clients.directory import ClientDirectory
from idp.oidc.clients.service import SECRET_PURPOSE
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.parameters import Malformed, decoded
from idp.oidc.token.request import ProgramRequest

INVALID_CLIENT = ProtocolError("invalid_client", "Client authentication failed.")
_LONGEST_HEADER = 1024
_NOBODYS_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class _Credentials:
    method: str
    client_id: str
    secret: str | None


def authenticate(request: ProgramRequest, directory: ClientDirectory) -> Client | ProtocolError:
    """Return the client that proved itself, or the error of RFC 6749 §5.2."""
    credentials = _presented(request)
    if isinstance(credentials, ProtocolError):
        return credentials
    client = directory.find(request.ctx, credentials.client_id)
    is_proven = _proves(request, credentials, client)
    return client if client and is_proven else INVALID_CLIENT


def _proves(request: ProgramRequest, presented: _Credentials, client: Client | None) -> bool:
    registered = client.auth_method if client else presented.method
    if presented.secret is None:
        return registered == "none"
    expected = (client.secret_hash if client else None) or _NOBODYS_HASH
    is_right = request.ctx.digests.matches(SECRET_PURPOSE, presented.secret, expected)
    return is_right and registered == presented.method


def _presented(request: ProgramRequest) -> _Credentials | ProtocolError:
    """Read the credentials; RFC 6749 §2.3: a client uses one method in a request."""
    in_body = request.get("client_secret") is not None
    if request.authorization is not None:
        if in_body:
            return invalid_request("Credentials came both in the header and in the body.")
        return _basic(request)
    client_id = request.get("client_id")
    if client_id is None:
        return INVALID_CLIENT
    method = "client_secret_post" if in_body else "none"
    return _Credentials(method, client_id, request.get("client_secret"))


def _basic(request: ProgramRequest) -> _Credentials | ProtocolError:
    """Read HTTP Basic: id and secret are form-encoded before they are joined (§2.3.1)."""
    header = request.authorization or ""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(header) > _LONGEST_HEADER:
        return INVALID_CLIENT
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        credentials = _Credentials("client_secret_basic", decoded(name), decoded(secret))
    except (binascii.Error, Malformed, ValueError):
        return INVALID_CLIENT
    if not colon or not credentials.secret:
        return INVALID_CLIENT
    if request.get("client_id") not in {None, credentials.client_id}:
        return invalid_request("client_id differs from the one that authenticated.")
    return credentials
