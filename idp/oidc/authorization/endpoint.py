"""The authorization endpoint. RFC 6749 §3.1, OpenID Connect Core §3.1.2."""

from datetime import datetime

from flask import request
from flask.typing import ResponseReturnValue

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.rate_limits.rules import network_of
from idp.foundation.rate_limits.service import LimitName, hit
from idp.oidc import answers
from idp.oidc.authorization import answer, hints, parking, prompt, sufficiency
from idp.oidc.authorization.asked import Asked
from idp.oidc.authorization.checks import first_error
from idp.oidc.authorization.destination import verified
from idp.oidc.authorization.sufficiency import Missing
from idp.oidc.clients.directory import ClientDirectory
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.grants import codes
from idp.oidc.parameters import Malformed, Parameters
from idp.oidc.reading import front_channel
from idp.oidc.same_site import as_get
from idp.people.sessions.service import CurrentSession
from idp.web import language
from idp.web.browser_session import current_browser
from idp.web.context import current_context
from idp.web.pages import redirect_303
from idp.web.sessions import current_session
from idp.web.tabs import StaleTab
from idp.web.too_many import too_many
from idp.web.transactions import service as transactions
from idp.web.transactions.service import Transaction

PATH = "/oidc/authorize"
# Core §3.1.2.6, and OpenID Connect Core Error Code unmet_authentication_requirements 1.0.
_NO_PAGES = {
    Missing.SIGN_IN: ProtocolError("login_required", "The person has to sign in."),
    Missing.ASSURANCE: ProtocolError("interaction_required", "A stronger sign-in is needed."),
}
_UNMET = ProtocolError(
    "unmet_authentication_requirements", "The sign-in did not reach what was required."
)


class AuthorizationEndpoint:
    """Checks what an application asks for, and issues a code or sends the person to sign in."""

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
        asked = self._checked(ctx, parameters)
        return self._decide(ctx, asked) if isinstance(asked, Asked) else asked

    def resume(self) -> ResponseReturnValue:
        """Answer GET /oidc/authorize/resume: the person comes back from signing in.

        Everything is checked again: the client may have been disabled and the session may have
        ended meanwhile, and this address can be opened by hand.
        """
        ctx, handle, browser = current_context(), request.args.get("tx", ""), current_browser()
        completed = transactions.load_completed(ctx, browser.digest, handle)
        waiting = completed or transactions.load(ctx, browser.digest, handle)
        if waiting is None or waiting.authorization is None:
            raise _stale(ctx, handle)
        asked = self._checked(ctx, parking.parked(waiting.authorization))
        if not isinstance(asked, Asked):
            return asked
        return self._finish(ctx, asked, waiting, is_completed=completed is not None)

    def _checked(self, ctx: Context, parameters: Parameters) -> Asked | ResponseReturnValue:
        """Run the checks in their order; return the request, or the answer to a bad one."""
        client = self._directory.find(ctx, parameters.get("client_id"))
        asked = verified(parameters, client)
        if isinstance(asked, ProtocolError):
            return answers.refusal_page(asked, ctx, client)
        error = first_error(asked)
        return _fails(ctx, asked, error) if error else asked

    def _decide(self, ctx: Context, asked: Asked) -> ResponseReturnValue:
        session = current_session()
        missing = sufficiency.missing(asked, session, ctx.now())
        if session and missing is Missing.NOTHING:
            return _succeeds(asked, session)
        if "none" in prompt.values(asked):
            return _fails(ctx, asked, _NO_PAGES[missing])
        return _sends_to_sign_in(asked, has_session=session is not None)

    def _finish(
        self, ctx: Context, asked: Asked, waiting: Transaction, *, is_completed: bool
    ) -> ResponseReturnValue:
        session = current_session()
        began: datetime | None = waiting.created_at if is_completed else None
        missing = sufficiency.missing(asked, session, ctx.now(), began)
        if session is None or missing is Missing.SIGN_IN:
            return _sends_to_sign_in(asked, has_session=session is not None)
        if missing is Missing.ASSURANCE and not is_completed:
            return _sends_to_sign_in(asked, has_session=True)
        with writing(ctx.db):
            is_first = transactions.forget(ctx, waiting)
        if not is_first:
            raise _stale(ctx, waiting.handle)
        if missing is Missing.ASSURANCE:
            return _fails(ctx, asked, _UNMET)
        return _succeeds(asked, session)


def _succeeds(asked: Asked, session: CurrentSession) -> ResponseReturnValue:
    ctx = current_context()  # by now it names the person as the one who acts
    code = codes.issue(ctx, asked, session)
    return answers.to_client(answer.success(asked, code, ctx.settings.issuer))


def _fails(ctx: Context, asked: Asked, error: ProtocolError) -> ResponseReturnValue:
    return answers.to_client(answer.failure(asked, error, ctx.settings.issuer))


def _stale(ctx: Context, handle: str) -> StaleTab:
    """This way was walked before, was open too long, or began in another browser."""
    return StaleTab(transactions.client_of_stale(ctx, handle))


def _sends_to_sign_in(asked: Asked, *, has_session: bool) -> ResponseReturnValue:
    ctx = current_context()
    if not hit(ctx, LimitName.TRANSACTIONS_NETWORK, network_of(ctx.origin.ip)):
        return too_many(ctx, LimitName.TRANSACTIONS_NETWORK)
    language.remember(hints.language(asked) or "")
    waiting = parking.park(ctx, current_browser().digest, asked, has_session=has_session)
    wants_account = "create" in prompt.values(asked)
    return redirect_303("/register" if wants_account else "/sign-in", tx=waiting.handle)
