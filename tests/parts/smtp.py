"""A real SMTP server that keeps what it is given, and can be told to misbehave."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.parts.ports import free_ports

TEMPORARY = "451 4.3.0 try again later"
PERMANENT = "550 5.1.1 no such mailbox"


@dataclass(frozen=True)
class Delivered:
    """One message as it arrived."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        """The Subject header."""
        return str(self.message["Subject"])

    @property
    def message_id(self) -> str:
        """The Message-ID header: the same for every copy of one message."""
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        """The plain-text part."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""


@dataclass
class SmtpSink:
    """An SMTP server; set `answer` or `refused` to make it misbehave."""

    port: int = field(default_factory=lambda: free_ports(1))
    delivered: list[Delivered] = field(default_factory=list)
    answer: str | None = None  # to every message, e.g. TEMPORARY; None: accept
    refused: dict[str, str] = field(default_factory=dict)  # answer by recipient
    seconds_to_answer: float = 0.0  # waits this long before it answers a message
    _arrived: threading.Condition = field(default_factory=threading.Condition)
    _controller: Controller | None = None

    @property
    def url(self) -> str:
        """Its address, as IDP_SMTP_URL takes it."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to listen."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Stop listening; clients then find nobody."""
        if self._controller:
            self._controller.stop()
            self._controller = None

    def wait_for(
        self, wanted: Callable[[Delivered], bool], *, count: int = 1, seconds: float = 20
    ) -> list[Delivered]:
        """Wait until `count` matching messages arrived and return them all.

        Raises AssertionError with the subjects that did arrive.
        """
        end = time.monotonic() + seconds
        with self._arrived:
            while len(found := [mail for mail in self.delivered if wanted(mail)]) < count:
                if not self._arrived.wait(end - time.monotonic()) and time.monotonic() >= end:
                    subjects = [(mail.recipients, mail.subject) for mail in self.delivered]
                    raise AssertionError(f"{len(found)} of {count} mails came; all: {subjects}")
        return found

    def mail_to(self, address: str, *, count: int = 1) -> Delivered:
        """Wait for the newest mail to an address."""
        return self.wait_for(lambda mail: address in mail.recipients, count=count)[-1]

    async def handle_RCPT(
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take or refuse a recipient."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take or refuse a message, after the wait that was asked for."""
        await asyncio.sleep(self.seconds_to_answer)
        if self.answer:
            return self.answer
        parsed = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
        mail = Delivered(envelope.mail_from or "", tuple(envelope.rcpt_tos), parsed)
        with self._arrived:
            self.delivered.append(mail)
            self._arrived.notify_all()
        return "250 kept"
