"""The message as it goes out: headers that cannot be broken, one recipient."""

from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from email_validator import EmailNotValidError, validate_email

from idp.foundation.mail.rendering import Rendered
from idp.foundation.mail.rules import one_line
from idp.settings import Settings


class AddressBad(Exception):
    """The recipient is not exactly one address."""


def compose(
    settings: Settings, rendered: Rendered, *, to: str, message_id: str, date: datetime
) -> EmailMessage:
    """Return the message; AddressBad when `to` is not exactly one mailbox (RG-08, CWE-93).

    Auto-Submitted (RFC 3834) keeps out-of-office programs from answering.
    """
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(one_line(settings.brand.name), addr_spec=settings.mail.address)
        message["To"] = Address(addr_spec=_one_mailbox(to))
        message["Subject"] = rendered.subject
    except (MessageError, ValueError) as error:
        raise AddressBad("a header cannot be written") from error
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(rendered.text, cte="quoted-printable")
    message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    # Last: what begins with Content- moves into the first part when the second is added.
    message["Content-Language"] = rendered.language
    return message


def recipient_of(message: EmailMessage) -> str:
    """Return the one address that the message goes to."""
    return str(message["To"].addresses[0].addr_spec)


def body_of(message: EmailMessage, subtype: str) -> str:
    """Return the text of a part, "plain" or "html"."""
    part = message.get_body((subtype,))
    return "" if part is None else str(part.get_content())


def _one_mailbox(to: str) -> str:
    try:
        valid = validate_email(to, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise AddressBad("not one mail address") from error
    return f"{valid.local_part}@{valid.ascii_domain}"
