"""A request that waits while the person signs in: kept on the server, as a transaction.

Pages may read these keys of the transaction's `authorization`:

- prompt: the prompts asked for ("login", "create")
- reauthenticate: whether a session that lives is not enough, so that the person signs in anew
- acr_values: the levels wished for or required; one of them should be reached
- login_hint: whom the application expects, or None
- parameters: the request itself, for this endpoint alone
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc.authorization import acr_values, hints, prompt
from idp.oidc.authorization.asked import Asked
from idp.oidc.parameters import Parameters
from idp.web.transactions import service as transactions
from idp.web.transactions.service import ClientNote, Transaction

RESUME_PATH = "/oidc/authorize/resume"


def park(ctx: Context, browser_digest: str, asked: Asked, *, has_session: bool) -> Transaction:
    """Keep a checked request for this browser; return the transaction that carries it."""
    levels = (*acr_values.wanted(asked), *asked.client.default_acr_values)
    kept = {
        "parameters": dict(asked.parameters.values),
        "prompt": sorted(prompt.values(asked)),
        "reauthenticate": has_session,
        "acr_values": list(dict.fromkeys(levels)),
        "login_hint": hints.login_hint(asked),
    }
    with writing(ctx.db):
        return transactions.begin(
            ctx,
            browser_digest,
            return_to=RESUME_PATH,
            client=note(ctx, asked),
            authorization=kept,
        )


def parked(authorization: Mapping[str, Any]) -> Parameters:
    """Return the parameters of a request that was kept."""
    return Parameters(authorization["parameters"])


def note(ctx: Context, asked: Asked) -> ClientNote:
    """Return what the pages on the way need to know of the application."""
    target = urlsplit(asked.redirect_uri)
    return ClientNote(
        id=asked.client.client_id,
        name=asked.client.name(ctx.language),
        restart_uri=asked.client.restart_uri or "",
        origin=f"{target.scheme}://{target.netloc}",
    )
