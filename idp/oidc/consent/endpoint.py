"""The page that asks for consent. OpenID Connect Core §3.1.2.4, RFC 6749 §10.2 and §10.14."""

from urllib.parse import urlsplit

from flask import request
from flask.typing import ResponseReturnValue

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc import scopes
from idp.oidc.authorization import details, stopping
from idp.oidc.authorization.asked import Asked
from idp.oidc.authorization.parking import RESUME_PATH, Parked
from idp.oidc.clients.directory import ClientDirectory
from idp.oidc.consent import needed
from idp.oidc.errors import ProtocolError
from idp.people.consents import rules, words
from idp.people.consents import service as consents
from idp.people.sessions.service import CurrentSession
from idp.web.context import current_context
from idp.web.pages import redirect_303, render
from idp.web.sessions import count_activity, current_session
from idp.web.transactions import service as transactions

PATH = "/oidc/consent"
_DENIED = ProtocolError("access_denied", "The person did not allow it.")


class ConsentEndpoint:
    """Shows what an application asks for, and keeps what the person says."""

    def __init__(self, directory: ClientDirectory) -> None:
        self._directory = directory

    def show(self) -> ResponseReturnValue:
        """Answer GET /oidc/consent: say in plain words what the application would get."""
        found = stopping.stop(current_context(), self._directory)
        if not isinstance(found, stopping.Stop):
            return found
        session = current_session()
        if session is None:
            return _back(found.parked)
        return _page(found.asked, found.parked)

    def decide(self) -> ResponseReturnValue:
        """Answer POST /oidc/consent: the person's own words decide; anything but yes is no."""
        found = stopping.stop(current_context(), self._directory)
        if not isinstance(found, stopping.Stop):
            return found
        session = count_activity()
        if session is None:
            return _back(found.parked)
        if request.form.get("decision") == "allow":
            return _allowed(found, session)
        return _refused(found, session)


def _page(asked: Asked, parked: Parked) -> ResponseReturnValue:
    wanted = rules.in_order(needed.wanted(asked))
    return render(
        "oidc/consent.html",
        transaction=parked.transaction,
        tx=parked.transaction.handle,
        client=asked.client,
        host=urlsplit(asked.redirect_uri).hostname,
        wants=[words.WORDS[scope] for scope in wanted],
        details=details.wanted(asked) or [],
    )


def _allowed(found: stopping.Stop, session: CurrentSession) -> ResponseReturnValue:
    ctx, client = current_context(), found.asked.client
    with writing(ctx.db):
        given = consents.give(
            ctx,
            session.account_id,
            client.client_id,
            client_names=client.names,
            scopes=needed.wanted(found.asked),
        )
        transactions.save_afterwards(ctx, found.parked.transaction, agreed=given.id)
    return _back(found.parked)


def _refused(found: stopping.Stop, session: CurrentSession) -> ResponseReturnValue:
    ctx = current_context()
    with writing(ctx.db):
        transactions.forget(ctx, found.parked.transaction)
        _record_refusal(ctx, found.asked, session)
    return stopping.fail(ctx, found.asked, _DENIED)


def _record_refusal(ctx: Context, asked: Asked, session: CurrentSession) -> None:
    wanted = rules.in_order(needed.wanted(asked))
    record(
        ctx,
        Event.OIDC_CONSENT_DENIED,
        outcome="denied",
        subject_id=session.account_id,
        client_id=asked.client.client_id,
        changes={"scope": scopes.join(tuple(wanted))},
    )


def _back(parked: Parked) -> ResponseReturnValue:
    return redirect_303(RESUME_PATH, tx=parked.transaction.handle)
