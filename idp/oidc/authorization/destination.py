"""Who asks and where the answer may go: decided before anything may be sent anywhere.

RFC 6749 §4.1.2.1: with an unknown client or a redirection URI that is missing, wrong or sent twice
the person is told on a page, and the user agent is not redirected, nor shown a link there.
"""

from idp.oidc.authorization.asked import Asked
from idp.oidc.clients.client import Client
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.parameters import Parameters

# RFC 6749 names no limit. It is kept while the person signs in, and who asks is anybody.
_LONGEST_STATE_BYTES = 2048


def verified(parameters: Parameters, client: Client | None) -> Asked | ProtocolError:
    """Return the request with its verified redirect_uri, or what the page has to say.

    client: the enabled client of `client_id`, or None where there is none.
    """
    if {"client_id", "redirect_uri"} & parameters.repeated:
        return invalid_request("client_id or redirect_uri was sent more than once.")
    if client is None:
        return ProtocolError("invalid_client", "client_id names no application of ours.")
    redirect_uri = parameters.get("redirect_uri")
    # OpenID Connect Core §3.1.2.1: required, and "Simple String Comparison" (RFC 3986 §6.2.1).
    if redirect_uri is None or redirect_uri not in client.redirect_uris:
        return invalid_request("redirect_uri is missing or not registered for the application.")
    # Told on the page as well: without its state no answer could be believed (§10.12).
    if len((parameters.get("state") or "").encode()) > _LONGEST_STATE_BYTES:
        return invalid_request("state is longer than 2048 bytes.")
    return Asked(parameters, client, redirect_uri)
