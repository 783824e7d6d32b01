"""Who asks and where the answer may go: decided before anything may be sent anywhere.

RFC 6749 §4.1.2.1: with an unknown client or a redirection URI that is missing, wrong or sent twice
the person is told on a page, and the user agent is not redirected, nor shown a link there.
"""

from idp.foundation.language import N_
from idp.oidc.authorization.asked import Asked
from idp.oidc.clients.client import Client
from idp.oidc.parameters import Parameters

# The keys of what can be wrong, with what people are told.
PROBLEMS = {
    "client_unknown": N_("The application that sent you here is not registered with us."),
    "redirect_uri_unknown": N_(
        "The application that sent you here asked us to send you on to an address that is not "
        "registered for it."
    ),
    "request_malformed": N_("The application that sent you here made a request we cannot read."),
}


def verified(parameters: Parameters, client: Client | None) -> Asked | str:
    """Return the request with its verified redirect_uri, or the key of the problem.

    client: the enabled client of `client_id`, or None where there is none.
    """
    if {"client_id", "redirect_uri"} & parameters.repeated:
        return "request_malformed"
    if client is None:
        return "client_unknown"
    redirect_uri = parameters.get("redirect_uri")
    # OpenID Connect Core §3.1.2.1: required, and "Simple String Comparison" (RFC 3986 §6.2.1).
    if redirect_uri is None or redirect_uri not in client.redirect_uris:
        return "redirect_uri_unknown"
    return Asked(parameters, client, redirect_uri)
