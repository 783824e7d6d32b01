"""The legal notice that must be accepted before the secure part; kept for the session alone."""

from flask import Blueprint, Response, request

from portals.shared import sessions
from portals.shared.pages.rendering import go_to, render
from portals.shared.safe_paths import safe_path, with_goal
from portals.shared.sessions import Session
from portals.shared.visit import Visit, current

blueprint = Blueprint("notice", __name__)
SECURE = "/secure"


def has_accepted(visit: Visit, session: Session | None) -> bool:
    """Whether this session accepted the notice in its present version."""
    return bool(session and session.notice_version == visit.parts.site.notice_version)


@blueprint.get("/notice")
def show() -> Response:
    """Show the notice; Cancel leads back to the front page."""
    return render("notice.html", goal=safe_path(request.args.get("next"), SECURE))


@blueprint.post("/notice")
def accept() -> Response:
    """Keep that this version was accepted, and when; go on to sign in."""
    visit = current()
    parts, (_, session) = visit.parts, visit.visitor()
    now, version = parts.clock.now(), parts.site.notice_version
    sessions.accept_notice(parts.database, session.key, version, now)
    parts.log.info("notice.accepted", version=version)
    goal = safe_path(request.form.get("next"), SECURE)
    return go_to(goal if visit.is_signed_in else with_goal("/sign-in", goal))
