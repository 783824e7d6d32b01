"""Which client is asking: by secret, by private_key_jwt, or by its name alone. RFC 6749 §2.3.

Each client uses the one method it is registered with. Whatever is wrong, the answer is the same
(case TK-26).
"""

import base64
import binascii
from dataclasses import dataclass

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.database import writing
from idp.oidc.clients.client import Client
from idp.oidc.clients.directory import ClientDirectory
from idp.oidc.clients.rules import is_client_id
from idp.oidc.clients.service import SECRET_PURPOSE
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.parameters import Malformed, decoded
from idp.oidc.token import client_assertion
from idp.oidc.token.client_assertion import ASSERTION_TYPE
from idp.oidc.token.failure_brake import FailureBrake
from idp.oidc.token.request import ProgramRequest

INVALID_CLIENT = ProtocolError("invalid_client", "Client authentication failed.")
TOO_MANY_FAILURES = ProtocolError("invalid_client", "Too many failures; wait a minute.")
_LONGEST_HEADER = 1024
_NOBODYS_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class _Credentials:
    """secret: the secret or the assertion, None where a client is only named."""

    method: str
    client_id: str
    secret: str | None


class ClientAuthentication:
    """Proves clients, and slows down whoever fails too often."""

    def __init__(self, directory: ClientDirectory) -> None:
        self._directory = directory
        self._failures = FailureBrake()

    def authenticate(self, request: ProgramRequest) -> Client | ProtocolError:
        """Return the client that proved itself, or the error of RFC 6749 §5.2."""
        credentials = _presented(request)
        if isinstance(credentials, ProtocolError):
            return credentials
        if not is_client_id(credentials.client_id):
            return INVALID_CLIENT  # nobody's, as anybody can see: not worth a statement
        if self._failures.holds(request.ctx, credentials.client_id):
            return TOO_MANY_FAILURES
        client = self._directory.find(request.ctx, credentials.client_id)
        if _proves(request, credentials, client) and client:
            return client
        self._failures.count(request.ctx, credentials.client_id)
        _record_failure(request, credentials, client)
        return INVALID_CLIENT

    def forget(self, client_id: str) -> None:
        """Read a client's registration again at its next use."""
        self._directory.forget(client_id)


def _proves(request: ProgramRequest, presented: _Credentials, client: Client | None) -> bool:
    """Tell whether the credentials are the client's; for no client with the same work (TK-26)."""
    if presented.method == "private_key_jwt":
        return client_assertion.proves(request.ctx, presented.secret or "", client)
    if presented.secret is None:
        return client is not None and client.is_public
    expected = (client.secret_hash if client else None) or _NOBODYS_HASH
    is_right = request.ctx.digests.matches(SECRET_PURPOSE, presented.secret, expected)
    return is_right and client is not None and client.auth_method == presented.method


def _record_failure(
    request: ProgramRequest, presented: _Credentials, client: Client | None
) -> None:
    """Record the failure, for nobody's name too: a commit more or less would tell (case TK-26)."""
    with writing(request.ctx.db):
        record(
            request.ctx,
            Event.OIDC_CLIENT_AUTHENTICATION_FAILED,
            outcome="failure",
            client_id=client.client_id if client else None,
            changes={"method": presented.method},
        )


def named(request: ProgramRequest) -> str:
    """Return which client a request says it is from; "" where it says none."""
    credentials = _presented(request)
    return "" if isinstance(credentials, ProtocolError) else credentials.client_id


def _presented(request: ProgramRequest) -> _Credentials | ProtocolError:
    """Read the credentials; RFC 6749 §2.3: a client uses one method in a request."""
    in_body = request.get("client_secret") is not None
    is_signed = bool(request.get("client_assertion") or request.get("client_assertion_type"))
    if (request.authorization is not None) + in_body + is_signed > 1:
        return invalid_request("Credentials came in more than one way.")
    if request.authorization is not None:
        return _basic(request)
    if is_signed:
        return _signed(request)
    client_id = request.get("client_id")
    if client_id is None:
        return INVALID_CLIENT
    method = "client_secret_post" if in_body else "none"
    return _Credentials(method, client_id, request.get("client_secret"))


def _signed(request: ProgramRequest) -> _Credentials | ProtocolError:
    """Read an assertion; RFC 7521 §4.2: client_id may be left out, and names the same if not."""
    assertion = request.get("client_assertion")
    if assertion is None or request.get("client_assertion_type") != ASSERTION_TYPE:
        return INVALID_CLIENT
    client_id = client_assertion.client_id_of(assertion)
    if client_id is None or request.get("client_id") not in {None, client_id}:
        return INVALID_CLIENT
    return _Credentials("private_key_jwt", client_id, assertion)


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
