"""acr_values: how strongly the person must have signed in. Core §3.1.2.1, RFC 9470 §4."""

from idp.oidc.authorization.asked import Asked
from idp.people.sessions.rules import ACR_ORDER


def wanted(asked: Asked) -> tuple[str, ...]:
    """Return the known levels asked for, in the client's order of preference.

    A voluntary wish (Core §3.1.2.1): values we do not know are ignored, and the ID token says
    what was reached. What every sign-in to the client must reach is its registration's
    default_acr_values, which no request can lower.
    """
    values = (asked.get("acr_values") or "").split()
    return tuple(value for value in values if value in ACR_ORDER)
