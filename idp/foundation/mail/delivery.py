"""What the worker does with a queued mail: render it, start its code's life, hand it over."""

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any, Protocol

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.mail.mailbox import MailboxTransport
from idp.foundation.mail.message import AddressBad, compose
from idp.foundation.mail.rendering import render
from idp.foundation.mail.smtp import NoMailServer, SmtpTransport, parse
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.outbox.deliverer import Deliverer, NotWanted, Parcel, Undeliverable
from idp.settings import Settings

__all__ = ["NoMailServer", "mail_deliverer"]

ASK_AGAIN = "ask_again"


class Transport(Protocol):
    """Takes messages."""

    def hand_over(self, ctx: Context, message: EmailMessage) -> None:
        """Return when the message was taken; TryAgain or Undeliverable otherwise."""
        ...


def mail_deliverer(settings: Settings) -> Deliverer:
    """Return the deliverer of mails for these settings.

    NoMailServer in production without IDP_SMTP_URL, its kind SmtpUrlBad when that cannot be
    used: the worker must not start then.
    """
    transport = transport_for(settings)
    return Deliverer(lambda ctx, parcel: deliver(ctx, parcel, transport))


def transport_for(settings: Settings) -> Transport:
    """Return the configured mail server, or the development mailbox outside production."""
    if settings.smtp_url is not None:
        return SmtpTransport(parse(settings.smtp_url.get_secret_value()))
    if settings.environment == "production":
        raise NoMailServer("set IDP_SMTP_URL: in production mail must have a server to go to")
    return MailboxTransport()


def deliver(ctx: Context, parcel: Parcel, transport: Transport) -> None:
    """Deliver one mail; see `Deliverer`."""
    code_id = parcel.code_id
    is_late = code_id is not None and one_time_codes.is_late(ctx, code_id, parcel.created_at)
    message = _composed(ctx, parcel, is_late=is_late)
    if code_id is not None and not _is_alive(ctx, code_id, is_late=is_late):
        if "goes_without" not in parcel.payload:
            raise NotWanted("the code was used or a newer one asked for")
        message = _composed(ctx, parcel, is_late=False, is_dead=True)
    transport.hand_over(ctx, message)


def _is_alive(ctx: Context, code_id: str, *, is_late: bool) -> bool:
    # In a transaction of its own, before the hand-over: a mail may be read before a mark behind
    # it could be written, and a dead code must never be mailed (ML-02, F-10).
    with writing(ctx.db):
        if is_late:
            return one_time_codes.is_usable(ctx, code_id)
        return one_time_codes.start_life(ctx, code_id)


def _composed(
    ctx: Context, parcel: Parcel, *, is_late: bool, is_dead: bool = False
) -> EmailMessage:
    payload: Mapping[str, Any] = parcel.payload
    template, values = (ASK_AGAIN, {}) if is_late else (payload["template"], payload["values"])
    if is_dead:
        values = {**values, payload["goes_without"]: None}
    rendered = render(ctx.settings, template, payload["language"], values)
    message_id = _late_id(parcel.message_id) if is_late else parcel.message_id
    try:
        return compose(
            ctx.settings, rendered, to=payload["to"], message_id=message_id, date=ctx.now()
        )
    except AddressBad as error:
        raise Undeliverable(str(error)) from error


def _late_id(message_id: str) -> str:
    # Another text needs another id: a mail program that has seen the first one hides its twin.
    return message_id.replace("@", ".late@", 1)
