"""acr_values and the claim acr: how strongly the person must have signed in.

Core §3.1.2.1 and §5.5.1.1, RFC 9470 §4. What every sign-in to the client must reach is its
registration's default_acr_values, which no request can lower.
"""

from idp.oidc.authorization import claims_parameter
from idp.oidc.authorization.asked import Asked
from idp.people.sessions.rules import AAL2_PHISHING_RESISTANT, ACR_ORDER


def wanted(asked: Asked) -> tuple[str, ...]:
    """Return the known levels wished for, in the client's order of preference.

    A voluntary wish: values we do not know are ignored, and the ID token says what was reached.
    """
    values: tuple[object, ...] = tuple((asked.get("acr_values") or "").split())
    said = claims_parameter.wish(asked, "id_token", "acr")
    if said is not None and not said.is_essential:
        values += said.values
    return _known(values)


def required(asked: Asked) -> tuple[str, ...] | None:
    """Return the known levels of which one must be reached, or None where nothing is required.

    Core §5.5.1.1: essential with values, so that reaching none of them is a failed sign-in. ()
    means that no sign-in here can reach any.
    """
    said = claims_parameter.wish(asked, "id_token", "acr")
    if said is None or not said.is_essential or not said.values:
        return None
    return _known(said.values)


def takes_passkeys_alone(asked: Asked) -> bool:
    """Tell whether only a phishing-resistant sign-in is enough: the pages then ask for a passkey.

    Otherwise an authenticator app would be asked for, and its sign-in refused afterwards (RFC 9470
    §4).
    """
    floors = (asked.client.default_acr_values, required(asked))
    return any(floor and set(floor) == {AAL2_PHISHING_RESISTANT} for floor in floors)


def _known(values: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str) and value in ACR_ORDER)
