"""Words for what machines call otherwise."""

from idp.foundation.language import N_
from idp.people.sessions.rules import AAL2, AAL2_PHISHING_RESISTANT

_ASSURANCE = {
    AAL2: N_("With your password and a one-time code."),
    AAL2_PHISHING_RESISTANT: N_("With a passkey, which no false page can ask for."),
}
_PASSWORD_ONLY = N_("With your password alone. Some applications will ask for more.")


def assurance(acr: str) -> str:
    """Return the marked text that says how somebody signed in."""
    return _ASSURANCE.get(acr, _PASSWORD_ONLY)
