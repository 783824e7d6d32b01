"""The page on which a signed-in person changes the password."""

from typing import cast

from flask import Blueprint, Response, request

from idp.flows.password import service
from idp.people.credentials import passwords
from idp.people.sessions.service import CurrentSession
from idp.web.context import current_context
from idp.web.guards import page
from idp.web.new_passwords import NewPasswordForm, chosen
from idp.web.pages import redirect_303, render
from idp.web.sessions import current_session
from idp.web.statuses import UNPROCESSABLE

blueprint = Blueprint("password", __name__)
CHANGE = "/account/security/password"


@blueprint.get(CHANGE)
@page("signed_in", step_up=CHANGE)
def show_change() -> Response:
    """Ask for the new password; the present one was asked for by the step-up."""
    if request.args.get("changed") == "1":
        return render("password/changed.html")
    return _page(NewPasswordForm(formdata=None))


@blueprint.post(CHANGE)
@page("signed_in", step_up=CHANGE)
def change() -> Response:
    """Set the new password and end every other session."""
    ctx, session, form = current_context(), _session(), NewPasswordForm()
    account = service.owner(ctx, session)
    password = chosen(
        form,
        lambda typed: passwords.judge_next(ctx, account, typed),
        ctx.policies.password.active,
    )
    if password is None:
        return _page(form, UNPROCESSABLE)
    is_changed = service.change(ctx, session, password)
    return redirect_303(CHANGE, **({"changed": "1"} if is_changed else {}))


def _page(form: NewPasswordForm, status_code: int = 200) -> Response:
    account = service.owner(current_context(), _session())
    return render(
        "password/change.html",
        status_code=status_code,
        form=form,
        personal=passwords.personal_of(account),
    )


def _session() -> CurrentSession:
    """Return the session that the guard of these pages found."""
    return cast("CurrentSession", current_session())
