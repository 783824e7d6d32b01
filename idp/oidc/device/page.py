"""The page where a person types a device's code and decides. RFC 8628 §3.3."""

from flask import Response, request
from flask.typing import ResponseReturnValue

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.language import N_
from idp.foundation.results import Refused
from idp.oidc.clients.directory import ClientDirectory
from idp.oidc.device import deciding
from idp.oidc.device.asking import PAGE
from idp.oidc.device.deciding import Fresh, Question
from idp.people.consents import words
from idp.people.sessions.rules import AAL2
from idp.people.sessions.service import CurrentSession
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.forms import AtMost, Form, Required, text_field
from idp.web.pages import redirect_303, render
from idp.web.sessions import current_session
from idp.web.statuses import UNPROCESSABLE
from idp.web.transactions import service as transactions

DECIDE_PATH = "/oidc/device/decide"
_LONGEST_TYPED = 32
_FORBIDDEN = 403
_WORDS = {
    "user_code_wrong": N_(
        "That code is not one that waits. Check it on your device, or start there again."
    ),
    "user_code_too_often": N_("You have tried too many codes. Wait an hour and try again."),
    "device_needs_more": N_("Your sign-in is not enough for this application."),
}


class UserCodeForm(Form):
    """The code that the device shows."""

    user_code = text_field(
        N_("Code on your device"),
        Required(N_("Enter the code that your device shows.")),
        AtMost(_LONGEST_TYPED),
        autocapitalize="characters",
        spellcheck="false",
    )


class DevicePage:
    """Lets a person with a fresh sign-in approve a device or refuse it."""

    def __init__(self, directory: ClientDirectory) -> None:
        self._directory = directory

    def show(self) -> ResponseReturnValue:
        """Answer GET /oidc/device; a code in the address is filled in and nothing more (§3.3.1)."""
        ctx, session = current_context(), _session()
        if again := _step_up(ctx, session, request.full_path.rstrip("?")):
            return again
        given = request.args.get("user_code", "")[:_LONGEST_TYPED]
        return _ask_for_code(UserCodeForm(formdata=None, data={"user_code": given}))

    def find(self) -> ResponseReturnValue:
        """Answer POST /oidc/device: say which application asks, and for what."""
        ctx, session, form = current_context(), _session(), UserCodeForm()
        if again := _step_up(ctx, session, PAGE):
            return again
        if not form.validate_on_submit():
            return _ask_for_code(form, UNPROCESSABLE)
        found = deciding.find(ctx, self._directory, session, form.user_code.data or "")
        if isinstance(found, Refused):
            form.refuse(found, _WORDS)
            return _ask_for_code(form, UNPROCESSABLE)
        return _ask_for_decision(found)

    def decide(self) -> ResponseReturnValue:
        """Answer POST /oidc/device/decide; anything but yes is no."""
        ctx, session, form = current_context(), _session(), UserCodeForm()
        if again := _step_up(ctx, session, PAGE):
            return again
        found = deciding.find(ctx, self._directory, session, form.user_code.data or "")
        is_yes = request.form.get("decision") == "allow"
        if not isinstance(found, Refused):
            act = deciding.approve if is_yes else deciding.deny
            refused = act(ctx, found, session)
            if refused is None:
                return render("oidc/device_done.html", client=found.client, is_approved=is_yes)
            found = refused
        form.refuse(found, _WORDS)
        return _ask_for_code(form, UNPROCESSABLE)


def _session() -> CurrentSession:
    """Return the session that the guard has seen to."""
    session = current_session()
    if session is None:
        raise LookupError("the guard lets nobody in without a session")
    return session


def _step_up(ctx: Context, session: CurrentSession, back_to: str) -> Response | None:
    """Send whoever signed in too long ago to do it again, and then back here (RFC 8628 §5.4)."""
    fresh = deciding.freshness(ctx, session)
    if fresh is Fresh.YES:
        return None
    if fresh is Fresh.NEVER:
        return render("oidc/device_no_factor.html", status_code=_FORBIDDEN)
    wanted = {"reauthenticate": True, "prompt": ["login"], "acr_values": [AAL2]}
    with writing(ctx.db):
        waiting = transactions.begin(
            ctx, current_browser().digest, return_to=back_to, authorization=wanted
        )
    return redirect_303("/sign-in", tx=waiting.handle)


def _ask_for_code(form: UserCodeForm, status_code: int = 200) -> Response:
    return render("oidc/device.html", status_code=status_code, form=form)


def _ask_for_decision(question: Question) -> Response:
    return render(
        "oidc/device_confirm.html",
        client=question.client,
        user_code=question.user_code,
        asked_from=question.device.asked_from,
        asked_at=question.device.created_at,
        wants=[words.WORDS[scope] for scope in question.scopes],
    )
