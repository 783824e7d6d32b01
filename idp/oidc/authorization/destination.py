"""Who asks and where the answer may go: decided before anything may be sent anywhere.

RFC 6749 §4.1.2.1: with an unknown client or a redirection URI that is missing, wrong or sent twice
the person is told on a page, and the user agent is not redirected, nor shown a link there.
"""

import re
from collections.abc import Collection

from idp.oidc.authorization.asked import Asked
from idp.oidc.clients.client import Client
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.parameters import Parameters

# RFC 6749 names no limit. It is kept while the person signs in, and who asks is anybody.
_LONGEST_STATE_BYTES = 2048
# RFC 8252 §7.3: http on the loopback interface, by its literal addresses only.
_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::([0-9]{1,5}))?(/.*)?")
_LAST_PORT = 65535


def verified(parameters: Parameters, client: Client | None) -> Asked | ProtocolError:
    """Return the request with its verified redirect_uri, or what the page has to say.

    client: the enabled client of `client_id`, or None where there is none.
    """
    if {"client_id", "redirect_uri"} & parameters.repeated:
        return invalid_request("client_id or redirect_uri was sent more than once.")
    if client is None:
        return ProtocolError("invalid_client", "client_id names no application of ours.")
    redirect_uri = parameters.get("redirect_uri")
    is_known = redirect_uri is not None and is_registered(
        redirect_uri, client.redirect_uris, any_port=client.is_native and client.is_public
    )
    if redirect_uri is None or not is_known:
        return invalid_request("redirect_uri is missing or not registered for the application.")
    # Told on the page as well: without its state no answer could be believed (§10.12).
    if len((parameters.get("state") or "").encode()) > _LONGEST_STATE_BYTES:
        return invalid_request("state is longer than 2048 bytes.")
    return Asked(parameters, client, redirect_uri)


def is_registered(redirect_uri: str, registered: Collection[str], *, any_port: bool) -> bool:
    """Tell whether an address is one of those registered.

    OpenID Connect Core §3.1.2.1: "Simple String Comparison" (RFC 3986 §6.2.1). any_port: a native
    client listens on the port that its system gives it, so that of a registered loopback literal
    may be another one (RFC 8252 §7.3, case AZ-08).
    """
    if redirect_uri in registered:
        return True
    wanted = _without_port(redirect_uri) if any_port else None
    return wanted is not None and wanted in {_without_port(uri) for uri in registered}


def _without_port(uri: str) -> str | None:
    """Return a loopback address without its port; None for every other address."""
    found = _LOOPBACK.fullmatch(uri)
    if found is None or (found[2] is not None and not 0 < int(found[2]) <= _LAST_PORT):
        return None
    return found[1] + (found[3] or "")
