"""Pages for everybody: the front page, help, the legal and privacy pages, and the health check."""

from flask import Blueprint, Response, jsonify

from portals.shared.pages.rendering import render
from portals.shared.visit import current, passive

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
def front() -> Response:
    """The portal's front page."""
    return render("site/public.html")


@blueprint.get("/help")
def help_page() -> Response:
    """Where to turn to."""
    return render("help.html")


@blueprint.get("/legal")
def legal() -> Response:
    """The legal page that the notice points to."""
    return render("legal.html")


@blueprint.get("/privacy")
def privacy() -> Response:
    """The privacy page that the notice points to."""
    return render("privacy.html")


@blueprint.get("/health")
@passive
def health() -> Response:
    """Say whether this process can serve: its database answers."""
    with current().parts.database.reading() as rows:
        rows.execute("SELECT 1 FROM sessions LIMIT 1").fetchone()
    return jsonify(status="ok")
