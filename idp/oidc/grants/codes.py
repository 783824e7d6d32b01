"""Issuing authorization codes."""

from datetime import timedelta

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.ids import new_id, new_secret, secret_hash
from idp.oidc import scopes
from idp.oidc.authorization import claims_parameter, details, resource, scope
from idp.oidc.authorization.asked import Asked
from idp.oidc.connections import committing
from idp.oidc.grants import store
from idp.oidc.subjects import subject_for
from idp.people.sessions import service as sessions
from idp.people.sessions.service import CurrentSession


def issue(
    ctx: Context, asked: Asked, session: CurrentSession, consent_id: str | None = None
) -> str:
    """Issue a code for a checked request and a session that satisfies it (RFC 6749 §4.1.2).

    consent_id: the consent that the grant rests on, None where nobody had to be asked. The code:
    256 random bits, stored as their SHA-256, bound to the client, redirect_uri, challenge, person
    and session. The first code of an application in a session is recorded in the audit trail and
    makes the application take part in the session: it is told when the session ends.
    """
    code = new_secret()
    with committing(ctx) as connection:
        values = _values(ctx, asked, session, code) | _carried(asked)
        is_first = store.add_grant(connection, values | {"consent_id": consent_id})
    if is_first:
        _enter(ctx, asked, session)
    return code


def _enter(ctx: Context, asked: Asked, session: CurrentSession) -> None:
    details = {"scope": scopes.join(scope.granted(asked)), "acr": session.acr}
    client_id = asked.client.client_id
    with writing(ctx.db):
        sessions.attach_client(ctx, session.id, client_id, asked.client.names)
        record(
            ctx,
            Event.OIDC_AUTHORIZED,
            subject_id=session.account_id,
            client_id=client_id,
            changes=details,
        )


def _values(ctx: Context, asked: Asked, session: CurrentSession, code: str) -> dict[str, object]:
    lasting = timedelta(seconds=ctx.policies.tokens.authorization_code_seconds)
    return {
        "id": new_id(),
        "client_id": asked.client.client_id,
        "session_id": session.id,
        "account_id": session.account_id,
        "sub": subject_for(ctx, asked.client, session.sub),
        "sid": session.sid,
        "scope": scopes.join(scope.granted(asked)),
        "nonce": asked.get("nonce"),
        "auth_time": session.auth_time,
        "amr": list(session.amr),
        "acr": session.acr,
        "granted_at": ctx.now(),
        "redirect_uri": asked.redirect_uri,
        "code_hash": secret_hash(code),
        "code_challenge": asked.get("code_challenge"),
        "code_expires_at": ctx.now() + lasting,
    }


def _carried(asked: Asked) -> dict[str, object]:
    """Return what the tokens of the grant will need of the request."""
    return {
        "is_offline": scope.is_offline(asked),
        "claims": claims_parameter.kept(asked),
        "authorization_details": details.wanted(asked),
        "resource": resource.wanted(asked),
    }
