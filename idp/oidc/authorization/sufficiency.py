"""Whether the person's session is enough for a request, or what is missing: a pure decision.

It is asked when the request arrives, and again when the person comes back from signing in:
nothing decided before is believed at the moment the code is issued.
"""

from datetime import datetime
from enum import Enum
from typing import Protocol

from idp.oidc.authorization import acr_values, max_age, prompt
from idp.oidc.authorization.asked import Asked
from idp.oidc.grants.standing import may_enter
from idp.people.sessions.rules import acr_satisfies


class Missing(Enum):
    """What a request lacks before its code may be issued."""

    NOTHING = "nothing"
    SIGN_IN = "sign_in"
    ASSURANCE = "assurance"


class SignedIn(Protocol):
    """What the decision reads of a living session."""

    @property
    def acr(self) -> str:
        """The assurance reached."""

    @property
    def auth_time(self) -> datetime:
        """When the person last proved who they are."""

    @property
    def account_state(self) -> str:
        """The state of the account."""


def missing(
    asked: Asked, session: SignedIn | None, now: datetime, began: datetime | None = None
) -> Missing:
    """Return what is missing.

    began: when this request sent the person to sign in, or None while it has not.
    """
    if session is None or not may_enter(session.account_state):
        return Missing.SIGN_IN
    is_fresh = began is not None and session.auth_time >= began
    if not is_fresh and (_wants_pages(asked) or _is_too_old(asked, session, now)):
        return Missing.SIGN_IN
    return _missing_assurance(asked, session, is_fresh=is_fresh)


def _wants_pages(asked: Asked) -> bool:
    # Core §3.1.2.1: prompt=login "SHOULD prompt the End-User for reauthentication" even when a
    # session lives; prompt=create shows the registration, whoever is signed in.
    return bool(prompt.values(asked) & {"login", "create"})


def _is_too_old(asked: Asked, session: SignedIn, now: datetime) -> bool:
    # Whole seconds, as the client will compare auth_time in the ID token (Core §3.1.3.7).
    longest = max_age.seconds(asked)
    return (
        longest is not None and int(now.timestamp()) - int(session.auth_time.timestamp()) > longest
    )


def _missing_assurance(asked: Asked, session: SignedIn, *, is_fresh: bool) -> Missing:
    floor = asked.client.default_acr_values
    if floor and not any(acr_satisfies(session.acr, level) for level in floor):
        return Missing.ASSURANCE
    # A wish is worth one sign-in; what that reached is then good enough, and the ID token says it.
    wished = acr_values.wanted(asked)
    is_met = not wished or any(acr_satisfies(session.acr, level) for level in wished)
    return Missing.NOTHING if is_met or is_fresh else Missing.ASSURANCE
