"""Pages of registration."""

from flask import Blueprint, Response

from idp.web.guards import page
from idp.web.pages import redirect_303

blueprint = Blueprint("registration", __name__)


@blueprint.get("/register")
@page("anyone")
def register() -> Response:
    """Lead to the first step."""
    return redirect_303("/terms")
