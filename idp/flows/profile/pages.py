"""The page of what a person says about themselves."""

from typing import cast

from flask import Blueprint, Response, request

from idp.flows.profile import service
from idp.flows.profile.forms import ContactForm, form_class
from idp.people.accounts.service import Account
from idp.people.sessions.service import CurrentSession
from idp.web import language
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.pages import redirect_303, render
from idp.web.sessions import current_session
from idp.web.statuses import UNPROCESSABLE

blueprint = Blueprint("profile", __name__)
PROFILE = "/account/profile"


@blueprint.get(PROFILE)
@page("signed_in", step_up=PROFILE)
def show() -> Response:
    """Show what is kept about the person, ready to be changed."""
    account = _account()
    form = form_class(account.account_type)(data=service.shown_values(account))
    return _page(account, form)


@blueprint.post(PROFILE)
@page("signed_in", step_up=PROFILE)
def change() -> Response:
    """Keep what was typed; with something wrong in it nothing changes and nothing is lost."""
    account = _account()
    form = form_class(account.account_type)()
    if language.is_being_switched():
        return _page(account, form)
    if not form.validate():
        return _page(account, form, UNPROCESSABLE)
    if "language" in service.change(current_context(), account.id, form.values()):
        language.remember(form.language.data)
    return redirect_303(PROFILE, saved="1")


def _account() -> Account:
    session = cast("CurrentSession", current_session())
    return service.profile(current_context(), session.account_id)


def _page(account: Account, form: ContactForm, status_code: int = 200) -> Response:
    return render(
        "profile/profile.html",
        status_code=status_code,
        account=account,
        form=form,
        is_saved=request.args.get("saved") == "1",
    )
