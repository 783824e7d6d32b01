"""The end-session endpoint. OpenID Connect RP-Initiated Logout 1.0 §2."""

from urllib.parse import urlsplit

from flask import request
from flask.typing import ResponseReturnValue

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc import answers
from idp.oidc.clients.directory import ClientDirectory
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.logout import hint as hints
from idp.oidc.logout.asked import LogoutAsked, checked
from idp.oidc.parameters import Malformed, Parameters
from idp.oidc.reading import front_channel
from idp.oidc.same_site import as_get
from idp.people.sessions.service import CurrentSession
from idp.web import leaving
from idp.web.context import current_context
from idp.web.pages import render
from idp.web.security_headers import allow_form_target
from idp.web.sessions import current_session

PATH = "/oidc/end-session"
CONFIRM_PATH = "/oidc/end-session/confirm"
_NAMES = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


class EndSessionEndpoint:
    """Signs a person out because an application asked for it."""

    def __init__(self, directory: ClientDirectory) -> None:
        self._directory = directory

    def end_session(self) -> ResponseReturnValue:
        """Answer GET and POST /oidc/end-session."""
        ctx = current_context()
        if again := as_get(PATH):
            return again
        try:
            parameters = front_channel(ctx)
        except Malformed as error:
            return answers.refusal_page(invalid_request(str(error)), ctx)
        asked = self._checked(ctx, parameters)
        if isinstance(asked, ProtocolError):
            return answers.refusal_page(asked, ctx)
        session = current_session()
        if asked.may_act_at_once(session.sid if session else None):
            return _act(asked)
        return _ask(asked, parameters)

    def confirm(self) -> ResponseReturnValue:
        """Answer POST /oidc/end-session/confirm: the person said yes on our page.

        The request comes back in hidden fields and is checked again; the form token is what
        makes the yes this person's own.
        """
        ctx = current_context()
        sent = {name: request.form[name] for name in _NAMES if request.form.get(name)}
        asked = self._checked(ctx, Parameters(sent))
        return answers.refusal_page(asked, ctx) if isinstance(asked, ProtocolError) else _act(asked)

    def _checked(self, ctx: Context, parameters: Parameters) -> LogoutAsked | ProtocolError:
        token = parameters.get("id_token_hint")
        hint = hints.read(ctx, token) if token else None
        client_id = parameters.get("client_id") or (hint.client_id if hint else None)
        return checked(parameters, self._directory.find(ctx, client_id), hint)


def _act(asked: LogoutAsked) -> ResponseReturnValue:
    """End this browser's session, which queues the notices to its applications, and move on."""
    session = current_session()
    frames = leaving.sign_out_and_tell() if session else ()
    if session:
        _record_signed_out(asked, session)
    if asked.redirect_to and frames:
        return leaving.tell(frames, asked.redirect_to)
    if asked.redirect_to:
        return answers.away(asked.redirect_to)
    return render("oidc/signed_out.html", client=asked.client, frames=frames)


def _record_signed_out(asked: LogoutAsked, session: CurrentSession) -> None:
    """Say which application asked; that the session ended is recorded where it ends."""
    ctx, client_id = current_context(), asked.client.client_id if asked.client else None
    person = session.account_id
    with writing(ctx.db):
        record(ctx, Event.OIDC_SIGNED_OUT, subject_id=person, actor_id=person, client_id=client_id)


def _ask(asked: LogoutAsked, parameters: Parameters) -> ResponseReturnValue:
    if asked.redirect_to:
        target = urlsplit(asked.redirect_to)
        allow_form_target(f"{target.scheme}://{target.netloc}")
    kept = {name: parameters.get(name) for name in _NAMES if parameters.get(name)}
    return render("oidc/end_session.html", client=asked.client, kept=kept)
