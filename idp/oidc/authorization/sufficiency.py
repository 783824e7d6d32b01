"""Whether the person's session is enough for a request, or what is missing: a pure decision.

It is asked when the request arrives, and again when the person comes back from our pages: nothing
decided before is believed at the moment the code is issued. The terms of use (`endpoint.py`) and
consent (`consent/needed.py`) are asked for afterwards, of who was found to be the right person.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from idp.oidc.authorization import acr_values, expected, max_age, prompt
from idp.oidc.authorization.asked import Asked
from idp.oidc.grants.standing import may_enter
from idp.people.accounts.rules import CLOSING
from idp.people.sessions.rules import acr_satisfies


class Missing(Enum):
    """What a request lacks before its code may be issued.

    KEEPING: the account is about to be closed, and its owner has not said that they keep it.
    """

    NOTHING = "nothing"
    SIGN_IN = "sign_in"
    OTHER_PERSON = "other_person"
    SELECTION = "selection"
    ASSURANCE = "assurance"
    UNREACHABLE_ASSURANCE = "unreachable_assurance"
    TERMS = "terms"
    CONSENT = "consent"
    KEEPING = "keeping"


class SignedIn(Protocol):
    """What the decision reads of a living session."""

    @property
    def id(self) -> str:
        """The key of the session."""

    @property
    def acr(self) -> str:
        """The assurance reached."""

    @property
    def auth_time(self) -> datetime:
        """When the person last proved who they are."""

    @property
    def account_state(self) -> str:
        """The state of the account."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What the person did for this request so far.

    began: when the request sent them to sign in, once they came back from there. selected: the
    session that they chose to go on with.
    """

    began: datetime | None = None
    selected: str | None = None


NO_STEPS = Steps()


def missing(
    asked: Asked,
    session: SignedIn | None,
    subject: str,
    now: datetime,
    steps: Steps = NO_STEPS,
) -> Missing:
    """Return what is missing.

    subject: by which name the client knows the session's person; "" without a session.
    """
    if acr_values.required(asked) == ():
        return Missing.UNREACHABLE_ASSURANCE
    if session is None or not may_enter(session.account_state):
        is_closing = session is not None and session.account_state == CLOSING
        return Missing.KEEPING if is_closing else Missing.SIGN_IN
    is_fresh = steps.began is not None and session.auth_time >= steps.began
    if not is_fresh and (_wants_pages(asked) or _is_too_old(asked, session, now)):
        return Missing.SIGN_IN
    if not expected.is_expected(asked, subject):
        return Missing.OTHER_PERSON if is_fresh else Missing.SIGN_IN
    if not is_fresh and _wants_choice(asked) and steps.selected != session.id:
        return Missing.SELECTION
    return _missing_assurance(asked, session, is_fresh=is_fresh)


def _wants_pages(asked: Asked) -> bool:
    # Core §3.1.2.1: prompt=login "SHOULD prompt the End-User for reauthentication" even when a
    # session lives; prompt=create shows the registration, whoever is signed in.
    return bool(prompt.values(asked) & {"login", "create"})


def _wants_choice(asked: Asked) -> bool:
    return "select_account" in prompt.values(asked)


def _is_too_old(asked: Asked, session: SignedIn, now: datetime) -> bool:
    # Whole seconds, as the client will compare auth_time in the ID token (Core §3.1.3.7).
    longest = max_age.seconds(asked)
    return (
        longest is not None and int(now.timestamp()) - int(session.auth_time.timestamp()) > longest
    )


def _missing_assurance(asked: Asked, session: SignedIn, *, is_fresh: bool) -> Missing:
    for floor in (asked.client.default_acr_values, acr_values.required(asked)):
        if floor and not _reaches(session, floor):
            return Missing.ASSURANCE
    # A wish is worth one sign-in; what that reached is then good enough, and the ID token says it.
    wished = acr_values.wanted(asked)
    is_met = is_fresh or not wished or _reaches(session, wished)
    return Missing.NOTHING if is_met else Missing.ASSURANCE


def _reaches(session: SignedIn, levels: tuple[str, ...]) -> bool:
    return any(acr_satisfies(session.acr, level) for level in levels)
