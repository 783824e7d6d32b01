"""Signing out here and at the provider (OpenID Connect RP-Initiated Logout 1.0)."""

import hmac

from flask import Blueprint, Response, request

from portals.shared import sessions
from portals.shared.grants import open_grant
from portals.shared.pages.rendering import go_to, render
from portals.shared.refusals import GrantEnded, ProviderUnreachable
from portals.shared.secrets_kept import new_secret, secret_hash
from portals.shared.sessions import Session
from portals.shared.visit import Visit, current, passive

blueprint = Blueprint("sign_out", __name__)


@blueprint.get("/sign-out")
def ask() -> Response:
    """Ask whether to sign out; a GET alone changes nothing."""
    return render("sign_out.html") if current().is_signed_in else go_to("/signed-out")


@blueprint.post("/sign-out")
@passive
def act() -> Response:
    """End the session here at once, then at the provider, which tells the other portals."""
    visit = current()
    if visit.session is None or not visit.session.is_signed_in:
        return go_to("/signed-out")
    state = new_secret()
    address = _address(visit, visit.session, state)
    parts = visit.parts
    now = parts.clock.now()
    visit.take_cookie(sessions.leave(parts.database, visit.session.key, state, now))
    parts.log.info("session.ended", reason="signed_out")
    return go_to(address) if address else render("sign_out_incomplete.html")


def _address(visit: Visit, session: Session, state: str) -> str | None:
    """Return where the provider signs the person out; None when it cannot be told now."""
    parts = visit.parts
    return_to = f"{parts.settings.base_url}/signed-out"
    try:
        id_token = open_grant(visit.cookie or "", session).tokens.id_token
        return parts.provider.end_session_url(id_token, return_to, state, visit.language)
    except (GrantEnded, ProviderUnreachable) as error:
        parts.log.warning("sign_out.incomplete", reason=type(error).__name__)
        return None


@blueprint.get("/signed-out")
@passive
def done() -> Response:
    """Say that the person is signed out, and why."""
    visit = current()
    if visit.is_signed_in:
        return go_to("/")
    why = _why(visit, visit.session)
    if visit.session:
        sessions.forget_ending(visit.parts.database, visit.session.key)
    return render("signed_out.html", why=why)


def _why(visit: Visit, session: Session | None) -> str:
    """Return "everywhere" when the provider brought back our state, else why the session ended."""
    given, expected = request.args.get("state"), session.sign_out_state if session else None
    if given and expected and hmac.compare_digest(secret_hash(given), expected):
        return "everywhere"
    return visit.ended or "here"
