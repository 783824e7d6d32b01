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
) -> str:
    """Queue a mail to one address, inside the caller's `writing`; return its outbox id.

    template: `templates/mail/<template>.txt` and `.html`. values: texts, numbers, moments and
    lists of texts; what people typed may be in them as it is. Links are written in the template
    by `link(path, token=…)`. code_id: of the code that the mail carries, whose life then starts
    at hand-over; a mail an hour late says "ask again" instead.
    """
    payload = {"template": template, "to": to, "language": language, "values": dict(values)}
    return enqueue(ctx, KIND, payload, code_id=code_id)
