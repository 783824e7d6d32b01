"""Pages of the copy of one's own data."""

from functools import partial
from typing import cast

from flask import Blueprint, Response, stream_with_context

from idp.flows.data_copy import service, words
from idp.people.browsers.words import name_of
from idp.people.sessions.service import CurrentSession
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.pages import redirect_303, render
from idp.web.sessions import current_session

blueprint = Blueprint("data_copy", __name__)
DATA = "/account/data"


@blueprint.get(DATA)
@page("signed_in", step_up=DATA)
def show() -> Response:
    """Say what a copy holds, and offer it."""
    return render("data_copy/data.html")


@blueprint.post(f"{DATA}/download")
@page("signed_in", step_up=DATA)
def download() -> Response:
    """Send everything as a JSON file."""
    ctx, account_id = current_context(), _account_id()
    service.note(ctx, account_id, "file")
    pieces = stream_with_context(service.as_json(ctx, account_id))
    response = Response(pieces, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="my-account.json"'
    return response


@blueprint.post(f"{DATA}/page")
@page("signed_in", step_up=DATA)
def open_printable() -> Response:
    """Record that the page is opened, and lead to it."""
    service.note(current_context(), _account_id(), "page")
    return redirect_303(f"{DATA}/page")


@blueprint.get(f"{DATA}/page")
@page("signed_in", step_up=DATA)
def show_printable() -> Response:
    """Show everything but the history as a page that can be printed."""
    ctx = current_context()
    return render(
        "data_copy/printable.html",
        data=service.everything(ctx, _account_id()),
        words=words.of(ctx),
        browser_name=partial(name_of, language=ctx.language),
    )


def _account_id() -> str:
    return cast("CurrentSession", current_session()).account_id
