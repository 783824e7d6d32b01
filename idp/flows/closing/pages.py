"""Pages of closing one's own account, and of keeping it while it is about to be closed."""

from typing import cast

from flask import Blueprint, Response, request

from idp.flows.closing import link_pages, service
from idp.flows.closing.forms import ROLES, WORDS, CloseForm
from idp.foundation.results import Refused
from idp.people.sessions.service import CurrentSession
from idp.web import leaving, tabs
from idp.web.account_pages import CLOSING
from idp.web.browser_session import current_browser
from idp.web.context import current_context, parts
from idp.web.guards import page
from idp.web.pages import redirect_303, render
from idp.web.sessions import current_session
from idp.web.statuses import UNPROCESSABLE
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

blueprint = Blueprint("closing", __name__)
blueprint.register_blueprint(link_pages.blueprint)
CLOSE = "/account/close"
DONE = f"{CLOSE}/done"
_SECURITY = "/account/security"


@blueprint.get(CLOSE)
@page("signed_in", step_up=CLOSE)
def show() -> Response:
    """Say what closing means, or what has to be handed over first."""
    return _page(CloseForm())


@blueprint.post(CLOSE)
@page("signed_in", step_up=CLOSE)
def close() -> Response:
    """Begin to close the account, and sign out everywhere."""
    form, session = CloseForm(), _session()
    if not form.validate_on_submit():
        return _page(form, UNPROCESSABLE)
    refused = service.close(current_context(), session.account_id, form.username.data or "")
    if refused is not None:
        return _refused(form, refused)
    frames = leaving.sign_out_and_tell()
    return leaving.tell(frames, DONE) if frames else redirect_303(DONE)


@blueprint.get(DONE)
@page("anyone")
def show_done() -> Response:
    """Say that the wait has begun; nobody is signed in any more."""
    return render("closing/asked.html", hours=_hours())


@blueprint.get(CLOSING)
@page("signed_in", while_closing=True)
def show_closing() -> Response:
    """Offer to keep the account, to somebody who signed in while it is about to be closed."""
    waiting = _waiting()
    closes_at = service.closes_at(current_context(), _session().account_id)
    if closes_at is None:
        return _onward(waiting)
    tx = waiting.handle if waiting else None
    return render("closing/closing.html", transaction=waiting, tx=tx, closes_at=closes_at)


@blueprint.post(f"{CLOSING}/keep")
@page("signed_in", while_closing=True)
def keep() -> Response:
    """Keep the account; go on to the application that waits, or say so beside the password."""
    service.keep(current_context(), _session().account_id)
    waiting = _waiting()
    if waiting and waiting.authorization is not None:
        return tabs.leave(waiting)
    return redirect_303(_SECURITY, done="account_kept")


def _refused(form: CloseForm, refused: Refused) -> Response:
    if refused not in (service.MUST_HAND_OVER, service.EMAIL_CHANGED):
        form.refuse(refused, WORDS)
    return _page(form, UNPROCESSABLE)


def _page(form: CloseForm, status_code: int = 200) -> Response:
    session = _session()
    return render(
        "closing/close.html",
        status_code=status_code,
        form=form,
        username=session.username,
        hours=_hours(),
        to_hand_over=service.to_hand_over(current_context(), session.account_id),
        email_changed_until=service.email_changed_until(current_context(), session.account_id),
        roles=ROLES,
    )


def _waiting() -> Transaction | None:
    """Return the application's request that waits for the answer, if one does."""
    ctx, handle = current_context(), request.values.get("tx", "")
    digest = current_browser().digest
    found = transactions.load_completed(ctx, digest, handle)
    return found or transactions.load(ctx, digest, handle)


def _onward(waiting: Transaction | None) -> Response:
    return tabs.leave(waiting) if waiting else redirect_303(tabs.HOME)


def _hours() -> int:
    return parts().policies.accounts.closing_seconds // 3600


def _session() -> CurrentSession:
    """Return the session that the guard of these pages found."""
    return cast("CurrentSession", current_session())
