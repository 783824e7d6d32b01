"""What each member of an answer means, in a sentence: marked texts, translated by the page."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from idp.foundation.language import N_

_OF_A_PERSON = N_("A claim about the person, which a scope or the claims parameter asked for.")
MEANINGS: Mapping[str, str] = {
    # The answer of the authorization endpoint
    "code": N_("The authorization code: exchanged once, within a minute, with the verifier."),
    "state": N_("What the application sent along; it must be the same, or somebody forged this."),
    "error": N_("Why there is no code."),
    "error_description": N_("The same for developers."),
    # The answer of the token endpoint
    "access_token": N_("Opens userinfo; send it as a bearer token and show it to nobody else."),
    "token_type": N_("How the access token is sent."),
    "expires_in": N_("Seconds that the access token lives."),
    "refresh_token": N_("Exchanged for the next pair of tokens; each works once."),
    "id_token": N_("Who signed in, signed by the provider; taken apart below."),
    "scope": N_("What was granted, which may be less than what was asked for."),
    # Header and claims of an ID token
    "alg": N_("The signature's algorithm; take only the one you registered."),
    "kid": N_("Which of the provider's published keys signed."),
    "typ": N_("What kind of JWT this is."),
    "iss": N_("Who issued it: must be the provider's issuer, letter for letter."),
    "sub": N_("The person, for this application; keep accounts by iss and sub, never by email."),
    "aud": N_("Whom it is for: must be your client_id."),
    "azp": N_("The client that asked for it."),
    "exp": N_("When it ends; accept nothing later."),
    "iat": N_("When it was issued."),
    "auth_time": N_("When the person last proved who they are; compare it with max_age."),
    "nonce": N_("What your request sent along; must be the same."),
    "acr": N_("How strong the sign-in was."),
    "amr": N_("What was used: pwd a password, otp a one-time code, mfa more than one."),
    "at_hash": N_("Ties the access token to this ID token."),
    "sid": N_("The session; logout tokens and activity reports name it."),
    "ncid": N_("Username and account type at this provider."),
    "access": N_("For which organizations the person may act, as of now."),
}
_TIMES = frozenset({"exp", "iat", "auth_time", "nbf", "updated_at"})
Row = tuple[str, str, str]


def rows(said: Mapping[str, Any]) -> list[Row]:
    """Return name, value and meaning of each member."""
    return [
        (name, shown(name, value), MEANINGS.get(name, _OF_A_PERSON)) for name, value in said.items()
    ]


def shown(name: str, value: object) -> str:
    """Return a value as a person reads it; a moment also as a date."""
    if name in _TIMES and isinstance(value, int):
        return f"{value} ({datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC)"
    return str(value)
