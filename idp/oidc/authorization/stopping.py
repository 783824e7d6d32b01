"""A page of ours on the way of a request: it finds the request again, checked anew."""

from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue

from idp.foundation.context import Context
from idp.oidc import answers
from idp.oidc.authorization import answer, asking, parking
from idp.oidc.authorization.asked import Asked
from idp.oidc.authorization.asking import Refusal
from idp.oidc.authorization.parking import Parked
from idp.oidc.clients.directory import ClientDirectory
from idp.oidc.errors import ProtocolError
from idp.web.browser_session import current_browser
from idp.web.tabs import StaleTab
from idp.web.transactions import service as transactions


@dataclass(frozen=True, slots=True)
class Stop:
    """The request that waits, as it is at this stop."""

    asked: Asked
    parked: Parked


def stop(ctx: Context, directory: ClientDirectory) -> Stop | ResponseReturnValue:
    """Return the request of this page's `tx`, or the answer to one that is no longer sound.

    Everything is checked again: the client may have been disabled meanwhile. Raises StaleTab when
    nothing waits here under that name.
    """
    handle = request.values.get("tx", "")
    parked = parking.find(ctx, current_browser().digest, handle)
    if parked is None:
        raise stale(ctx, handle)
    received = parked.received
    client = directory.find(ctx, received.parameters.get("client_id"))
    asked = asking.check(ctx, client, received)
    return refuse(ctx, asked) if isinstance(asked, Refusal) else Stop(asked, parked)


def refuse(ctx: Context, refusal: Refusal) -> ResponseReturnValue:
    """Answer a request that cannot be carried out: at the client, or on a page."""
    if refusal.back_to is None:
        return answers.refusal_page(refusal.error, ctx, refusal.client)
    return fail(ctx, refusal.back_to, refusal.error)


def fail(ctx: Context, asked: Asked, error: ProtocolError) -> ResponseReturnValue:
    """Answer an error to the client."""
    return answers.to_client(answer.failure(asked, error, ctx.settings.issuer))


def stale(ctx: Context, handle: str) -> StaleTab:
    """This way was walked before, was open too long, or began in another browser."""
    return StaleTab(transactions.client_of_stale(ctx, handle))
