"""The authorization endpoint. RFC 6749 §3.1, OpenID Connect Core §3.1.2."""

from flask.typing import ResponseReturnValue

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.rate_limits.rules import network_of
from idp.foundation.rate_limits.service import LimitName, hit
from idp.oidc import answers
from idp.oidc.authorization import answer, asking, hints, parking, prompt, stopping, sufficiency
from idp.oidc.authorization.asked import Asked
from idp.oidc.authorization.asking import Refusal
from idp.oidc.authorization.parking import Parked
from idp.oidc.authorization.sufficiency import NO_STEPS, Missing
from idp.oidc.clients.directory import ClientDirectory
from idp.oidc.consent import needed
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.grants import codes
from idp.oidc.parameters import Malformed
from idp.oidc.reading import front_channel
from idp.oidc.same_site import as_get
from idp.oidc.subjects import subject_for
from idp.people.sessions.service import CurrentSession
from idp.web import language, terms
from idp.web.account_pages import CLOSING
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.pages import redirect_303
from idp.web.sessions import current_session
from idp.web.too_many import too_many
from idp.web.transactions import service as transactions

PATH = "/oidc/authorize"
# OpenID Connect Core Error Code unmet_authentication_requirements 1.0, RFC 9470 §5.
_UNMET = ProtocolError(
    "unmet_authentication_requirements", "The sign-in did not reach what was required."
)
_OTHER_PERSON = ProtocolError("login_required", "Another person is signed in.")
# Core §3.1.2.6: what is answered where no page may be shown.
_NO_PAGES = {
    Missing.SIGN_IN: ProtocolError("login_required", "The person has to sign in."),
    Missing.ASSURANCE: ProtocolError("interaction_required", "A stronger sign-in is needed."),
    Missing.TERMS: ProtocolError("interaction_required", "The terms of use are to be accepted."),
    Missing.CONSENT: ProtocolError("consent_required", "The person has to agree."),
    Missing.KEEPING: ProtocolError("interaction_required", "The account is about to be closed."),
}
# What no page of ours can mend.
_FINAL = {Missing.UNREACHABLE_ASSURANCE: _UNMET, Missing.OTHER_PERSON: _OTHER_PERSON}
_PAGES = {
    Missing.TERMS: terms.PATH,
    Missing.CONSENT: "/oidc/consent",
    Missing.SELECTION: "/oidc/select-account",
    Missing.KEEPING: CLOSING,
}


class AuthorizationEndpoint:
    """Checks what an application asks for, and issues a code or shows the person a page."""

    def __init__(self, directory: ClientDirectory) -> None:
        self._directory = directory

    def authorize(self) -> ResponseReturnValue:
        """Answer GET and POST /oidc/authorize."""
        ctx = current_context()
        if again := as_get(PATH):
            return again
        try:
            parameters = front_channel(ctx)
        except Malformed as error:
            return answers.refusal_page(invalid_request(str(error)), ctx)
        asked = asking.ask(ctx, self._directory, parameters)
        return stopping.refuse(ctx, asked) if isinstance(asked, Refusal) else _go_on(ctx, asked)

    def resume(self) -> ResponseReturnValue:
        """Answer GET /oidc/authorize/resume: the person comes back from one of our pages.

        Everything is checked again: the session may have ended meanwhile, and this address can
        be opened by hand.
        """
        ctx = current_context()
        found = stopping.stop(ctx, self._directory)
        return _go_on(ctx, found.asked, found.parked) if isinstance(found, stopping.Stop) else found


def _go_on(ctx: Context, asked: Asked, parked: Parked | None = None) -> ResponseReturnValue:
    """Issue the code, answer an error, or show the page that is still missing."""
    session = current_session()
    missing, consent_id = _missing(ctx, asked, session, parked)
    error = _FINAL.get(missing)
    if "none" in prompt.values(asked):
        error = error or _NO_PAGES.get(missing)
    if missing is Missing.ASSURANCE and parked and parked.is_completed:
        error = _UNMET
    if error is None and (session is None or missing is not Missing.NOTHING):
        return _shows_page(ctx, asked, missing, parked)
    _leave(ctx, parked)
    if session is None or error is not None:
        return stopping.fail(ctx, asked, error or _OTHER_PERSON)
    return _succeeds(asked, session, consent_id)


def _missing(
    ctx: Context, asked: Asked, session: CurrentSession | None, parked: Parked | None
) -> tuple[Missing, str | None]:
    """Return what is missing, and the consent that the grant rests on where nothing is."""
    subject = subject_for(ctx, asked.client, session.sub) if session else ""
    steps = parked.steps if parked else NO_STEPS
    missing = sufficiency.missing(asked, session, subject, ctx.now(), steps)
    if session is None or missing is not Missing.NOTHING:
        return missing, None
    if terms.are_owed(ctx, session):
        return Missing.TERMS, None
    decided = needed.decide(ctx, asked, session.account_id, parked.agreed if parked else None)
    return (Missing.CONSENT if decided.is_needed else missing), decided.consent_id


def _shows_page(
    ctx: Context, asked: Asked, missing: Missing, parked: Parked | None
) -> ResponseReturnValue:
    """Send the person to the page for what is missing; the request waits."""
    page = _PAGES.get(missing)
    if page and parked:
        return redirect_303(page, tx=parked.transaction.handle)
    if not hit(ctx, LimitName.TRANSACTIONS_NETWORK, network_of(ctx.origin.ip)):
        return too_many(ctx, LimitName.TRANSACTIONS_NETWORK)
    language.remember(hints.language(asked) or "")
    has_session = current_session() is not None
    waiting = parking.park(ctx, current_browser().digest, asked, has_session=has_session)
    wants_account = missing is Missing.SIGN_IN and "create" in prompt.values(asked)
    return redirect_303(page or ("/register" if wants_account else "/sign-in"), tx=waiting.handle)


def _leave(ctx: Context, parked: Parked | None) -> None:
    """End the way of a parked request; raises StaleTab when it was walked to its end before."""
    if parked is None:
        return
    with writing(ctx.db):
        is_first = transactions.forget(ctx, parked.transaction)
    if not is_first:
        raise stopping.stale(ctx, parked.transaction.handle)


def _succeeds(asked: Asked, session: CurrentSession, consent_id: str | None) -> ResponseReturnValue:
    ctx = current_context()  # by now it names the person as the one who acts
    code = codes.issue(ctx, asked, session, consent_id)
    return answers.to_client(answer.success(asked, code, ctx.settings.issuer))
