"""How long the session lasts: polled by the page's script, extended by the person alone."""

from flask import Blueprint, Response, jsonify, request

from portals.shared.pages.notice import SECURE
from portals.shared.pages.rendering import go_to, render
from portals.shared.refusals import ProviderUnreachable
from portals.shared.safe_paths import safe_path
from portals.shared.visit import Visit, current, end_session, passive

blueprint = Blueprint("idle", __name__, url_prefix="/session")


@blueprint.get("/status")
@passive
def status() -> Response:
    """Say as JSON how many seconds are left; extends nothing."""
    return _status(current())


@blueprint.post("/extend")
def extend() -> Response:
    """Stay signed in: the POST itself is the person's action, already kept when this runs."""
    visit = current()
    if request.headers.get("Accept") == "application/json":
        return _status(visit)
    if not visit.is_signed_in:
        return go_to("/signed-out")
    return go_to(safe_path(request.form.get("next"), SECURE))


@blueprint.get("/check")
@passive
def check() -> Response:
    """Where a page without script goes by itself when its time is over; extends nothing."""
    visit = current()
    if visit.is_unsure:
        raise ProviderUnreachable("session in doubt")
    if not visit.is_signed_in:
        return go_to("/signed-out")
    return render("session_check.html")


def _status(visit: Visit) -> Response:
    if visit.session is None or not visit.session.is_signed_in:
        return jsonify(active=False, seconds_left=0)
    verdict, left = visit.parts.liveness.watch(visit.session)
    if verdict.state == "ended":
        end_session(visit, verdict.reason)
        return jsonify(active=False, seconds_left=0)
    return jsonify(active=True, seconds_left=left)
