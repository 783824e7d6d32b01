"""Pages of how somebody signs in."""

from typing import cast

from flask import Blueprint, Response, abort, request

from idp.flows.security import rules, service
from idp.flows.security.forms import NameForm
from idp.flows.security.service import Single
from idp.people.sessions.service import CurrentSession
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.pages import redirect_303, render
from idp.web.sessions import current_session
from idp.web.statuses import UNPROCESSABLE

blueprint = Blueprint("security", __name__)
SECURITY = "/account/security"
_FACTOR = f"{SECURITY}/factors/<factor_id>"
_NOT_FOUND = 404


@blueprint.get(SECURITY)
@page("signed_in")
def show_security() -> Response:
    """Show what the person signs in with."""
    return render(
        "security/security.html",
        overview=service.overview(current_context(), _account_id()),
        done=rules.DONE.get(request.args.get("done", "")),
    )


@blueprint.get(_FACTOR)
@page("signed_in", step_up=SECURITY)
def show_factor(factor_id: str) -> Response:
    """Show one authenticator: its name, and removing it."""
    single = _single(factor_id)
    return _factor_page(single, NameForm(data={"name": single.factor.name}))


@blueprint.post(_FACTOR)
@page("signed_in", step_up=SECURITY)
def rename(factor_id: str) -> Response:
    """Give an authenticator another name."""
    single, form = _single(factor_id), NameForm()
    if not form.validate_on_submit():
        return _factor_page(single, form, UNPROCESSABLE)
    service.rename(current_context(), _account_id(), factor_id, form.name.data or "")
    return redirect_303(SECURITY, done="renamed")


@blueprint.post(f"{_FACTOR}/remove")
@page("signed_in", step_up=SECURITY)
def remove(factor_id: str) -> Response:
    """Remove an authenticator, but for the last; the page says why where it is not done."""
    refused = service.remove(current_context(), _account_id(), factor_id)
    if refused is None:
        return redirect_303(SECURITY, done="removed")
    single = _single(factor_id)
    form = NameForm(formdata=None, data={"name": single.factor.name})
    return _factor_page(single, form, UNPROCESSABLE)


def _factor_page(single: Single, form: NameForm, status_code: int = 200) -> Response:
    return render("security/factor.html", status_code=status_code, single=single, form=form)


def _single(factor_id: str) -> Single:
    """Return the person's own authenticator; anybody else's is an address that leads nowhere."""
    found = service.single(current_context(), _account_id(), factor_id)
    if found is None:
        abort(_NOT_FOUND)
    return found


def _account_id() -> str:
    """Return whose session the guard of these pages found."""
    return cast("CurrentSession", current_session()).account_id
