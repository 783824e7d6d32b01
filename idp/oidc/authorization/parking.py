"""A request that waits while the person signs in: kept on the server, as a transaction.

Pages may read these keys of the transaction's `authorization`:

- prompt: the prompts asked for ("login", "create")
- reauthenticate: whether a session that lives is not enough, so that the person signs in anew
- acr_values: the levels wished for or required; one of them should be reached
- takes_passkeys_alone: whether nothing but a passkey reaches what is required
- login_hint: whom the application expects, or None
- parameters, is_pushed: the request itself, for this folder and those beside it alone

In its progress stand `selected` (the session the person chose) and `agreed` (see consent/).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc.authorization import acr_values, hints, prompt
from idp.oidc.authorization.asked import Asked
from idp.oidc.authorization.asking import Received
from idp.oidc.authorization.sufficiency import Steps
from idp.oidc.parameters import Parameters
from idp.web.transactions import service as transactions
from idp.web.transactions.service import ClientNote, Transaction

RESUME_PATH = "/oidc/authorize/resume"


@dataclass(frozen=True, slots=True)
class Parked:
    """A request that waits. is_completed: its person signed in on the way."""

    transaction: Transaction
    is_completed: bool

    @property
    def received(self) -> Received:
        """The parameters that were kept."""
        kept: Mapping[str, Any] = self.transaction.authorization or {}
        return Received(Parameters(kept["parameters"]), kept["is_pushed"])

    @property
    def steps(self) -> Steps:
        """What the person did for it."""
        began = self.transaction.created_at if self.is_completed else None
        return Steps(began, self.transaction.progress.get("selected"))

    @property
    def agreed(self) -> str | None:
        """The consent that the person gave on the way."""
        return self.transaction.progress.get("agreed")


def park(ctx: Context, browser_digest: str, asked: Asked, *, has_session: bool) -> Transaction:
    """Keep a checked request for this browser; return the transaction that carries it."""
    required = acr_values.required(asked) or ()
    levels = (*acr_values.wanted(asked), *required, *asked.client.default_acr_values)
    kept = {
        "parameters": dict(asked.parameters.values),
        "is_pushed": asked.is_pushed,
        "prompt": sorted(prompt.values(asked)),
        "reauthenticate": has_session,
        "acr_values": list(dict.fromkeys(levels)),
        "takes_passkeys_alone": acr_values.takes_passkeys_alone(asked),
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


def find(ctx: Context, browser_digest: str, handle: str) -> Parked | None:
    """Return the request that waits under a handle in this browser, or None."""
    completed = transactions.load_completed(ctx, browser_digest, handle)
    waiting = completed or transactions.load(ctx, browser_digest, handle)
    if waiting is None or waiting.authorization is None:
        return None
    return Parked(waiting, is_completed=completed is not None)


def note(ctx: Context, asked: Asked) -> ClientNote:
    """Return what the pages on the way need to know of the application."""
    target = urlsplit(asked.redirect_uri)
    return ClientNote(
        id=asked.client.client_id,
        name=asked.client.name(ctx.language),
        restart_uri=asked.client.restart_uri or "",
        origin=f"{target.scheme}://{target.netloc}",
    )
