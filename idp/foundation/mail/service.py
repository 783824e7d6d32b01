"""Queueing a mail in the transaction that it tells about."""

from collections.abc import Mapping
from typing import Any

from idp.foundation.context import Context
from idp.foundation.outbox.service import enqueue

KIND = "mail"


def send(
    ctx: Context,
    template: str,
    *,
    to: str,
    language: str,
    values: Mapping[str, Any],
    code_id: str | None = None,
    goes_without: str | None = None,
) -> str:
    """Queue a mail to one address, inside the caller's `writing`; return its outbox id.

    template: `templates/mail/<template>.txt` and `.html`. values: texts, numbers, moments and
    lists of texts; what people typed may be in them as it is. Links are written in the template
    by `link(path, token=…)`. code_id: of the code that the mail carries, whose life then starts
    at hand-over; a mail an hour late says "ask again" instead, unless the policy of the code's
    purpose lets it wait. A mail whose code has died meanwhile is dropped; goes_without: the value
    that carries the link of a mail which people must get all the same, None in its place.
    """
    payload = {"template": template, "to": to, "language": language, "values": dict(values)}
    if goes_without:
        payload["goes_without"] = goes_without
    return enqueue(ctx, KIND, payload, code_id=code_id)
