"""Tells an application that a session is over. OpenID Connect Back-Channel Logout 1.0.

The notice is queued in the transaction that ends the session and delivered by the worker, so that
an application that is down keeps nobody signed in here and is told when it is back.
"""

from urllib.parse import urlencode, urlsplit

from joserfc import jwt

from idp.foundation.audit.events import Event
from idp.foundation.audit.service import record
from idp.foundation.context import Context
from idp.foundation.ids import new_secret
from idp.foundation.outbox.deliverer import (
    Deliverer,
    NotWanted,
    Parcel,
    TryAgain,
    Undeliverable,
)
from idp.oidc.clients import store
from idp.oidc.clients.client import Client
from idp.oidc.clients.rules import host_and_port
from idp.oidc.connections import reading
from idp.oidc.logout import guarded_post
from idp.oidc.logout.pauses import Pauses
from idp.oidc.subjects import subject_for

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_OK = (200, 204)
# About an hour with the outbox's waits: by then the session's access tokens are long dead.
_MAX_ATTEMPTS = 20


def deliverer() -> Deliverer:
    """Return who delivers logout notices, and tries applications less often that keep failing."""
    pauses = Pauses()

    def deliver_patiently(ctx: Context, parcel: Parcel) -> None:
        with pauses.around(ctx, parcel.payload["client_id"]):
            deliver(ctx, parcel)

    return Deliverer(deliver_patiently, _MAX_ATTEMPTS, _record_failure)


def deliver(ctx: Context, parcel: Parcel) -> None:
    """Post a logout token to the application's registered address (§2.5).

    Raises NotWanted when the application is gone or wants no notices, Undeliverable when its
    address may not be called, TryAgain when it did not take the token (§2.8).
    """
    with reading(ctx) as connection:
        client = store.enabled(connection, parcel.payload["client_id"])
    if client is None or client.backchannel_logout_uri is None:
        raise NotWanted("no address for logout notices")
    sub, sid = subject_for(ctx, client, parcel.payload["sub"]), parcel.payload["sid"]
    token = logout_token(ctx, client, sub=sub, sid=sid)
    status = _post(ctx, client.backchannel_logout_uri, token)
    if status not in _OK:
        raise TryAgain(f"answered {status}")


def _record_failure(ctx: Context, parcel: Parcel) -> None:
    """An application that may still believe somebody to be signed in: auditors can see it."""
    record(
        ctx,
        Event.OIDC_BACKCHANNEL_LOGOUT_FAILED,
        outcome="failure",
        client_id=parcel.payload["client_id"],
        changes={"attempts": parcel.attempts},
    )


def logout_token(ctx: Context, client: Client, *, sub: str, sid: str) -> str:
    """Return a signed logout token (§2.4): short-lived, with a jti and never with a nonce."""
    key = ctx.signing_keys.active(client.signing_alg)
    issued = int(ctx.now().timestamp())
    claims = {
        "iss": ctx.settings.issuer,
        "aud": client.client_id,
        "iat": issued,
        "exp": issued + ctx.policies.tokens.logout_token_seconds,
        "jti": new_secret(),
        "sub": sub,
        "sid": sid,
        "events": {_EVENT: {}},
    }
    header = {"alg": key.alg, "kid": key.kid, "typ": "logout+jwt"}
    return jwt.encode(header, claims, key.key, [key.alg])


def _post(ctx: Context, uri: str, token: str) -> int:
    policy = ctx.policies.tokens
    is_listed = host_and_port(urlsplit(uri)) in ctx.settings.backchannel_hosts
    limits = guarded_post.Limits(
        seconds=policy.backchannel_seconds,
        answer_bytes=policy.backchannel_answer_bytes,
        may_be_private=is_listed,
        may_be_http=is_listed and ctx.settings.environment != "production",
        ca_bundle=ctx.settings.backchannel_ca_bundle,
    )
    try:
        return guarded_post.post(uri, urlencode({"logout_token": token}).encode(), limits)
    except guarded_post.AddressRefused as error:
        raise Undeliverable(str(error)) from error
    except OSError as error:
        raise TryAgain(type(error).__name__) from error
