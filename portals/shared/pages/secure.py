"""The secure part: only for a signed-in person who accepted the notice and has the right."""

from flask import Blueprint, Response

from portals.shared.grants import current_claims
from portals.shared.pages.notice import SECURE, has_accepted
from portals.shared.pages.rendering import go_to, render
from portals.shared.person import Person, person_of
from portals.shared.refusals import GrantEnded, ProviderUnreachable
from portals.shared.safe_paths import with_goal
from portals.shared.visit import Visit, current, end_session

blueprint = Blueprint("secure", __name__)
_FORBIDDEN = 403


@blueprint.get(SECURE)
def landing() -> Response:
    """Say who is signed in, with what assurance, and what they may do here."""
    visit = current()
    if elsewhere := _elsewhere(visit, SECURE):
        return elsewhere
    try:
        person = _person(visit)
    except GrantEnded:
        end_session(visit, "provider")
        return go_to("/signed-out")
    refusal = visit.parts.site.refusal(person)
    visit.parts.log.info("secure.opened", allowed=refusal is None)
    if refusal:
        return render(refusal, _FORBIDDEN, person=person)
    return render("site/landing.html", person=person)


def _elsewhere(visit: Visit, goal: str) -> Response | None:
    """Return where a person who cannot be let in must go first; None when they may stay."""
    if visit.is_unsure:
        raise ProviderUnreachable("session in doubt")
    if not visit.is_signed_in:
        return go_to("/signed-out" if visit.ended else with_goal("/sign-in", goal))
    if not has_accepted(visit, visit.session):
        return go_to(with_goal("/notice", goal))
    return None


def _person(visit: Visit) -> Person:
    """Ask the provider who this is now; raises GrantEnded, ProviderUnreachable."""
    parts = visit.parts
    cookie, session = visit.visitor()
    grant, claims = current_claims(parts.database, parts.provider, parts.clock, cookie, session)
    return person_of(grant.identity, claims)
