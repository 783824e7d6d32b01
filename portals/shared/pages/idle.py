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
    """Nothing is shown on trust: a session in doubt counts as over, but is not ended."""
    left = visit.parts.liveness.watch(visit.session) if visit.session and visit.is_signed_in else 0
    if left == 0:
        _end_if_open(visit)
    return jsonify(active=left > 0, seconds_left=left)


def _end_if_open(visit: Visit) -> None:
    """The provider said that it is over; a reason that is known already stays."""
    visit.reload()
    if visit.is_signed_in:
        end_session(visit, "provider")
