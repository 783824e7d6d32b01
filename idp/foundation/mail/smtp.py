"""Handing a message to the configured mail server; encrypted, or not at all (ML-08)."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from idp.foundation.context import Context
from idp.foundation.mail.message import recipient_of
from idp.foundation.outbox.deliverer import TryAgain, Undeliverable

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_READY = 220
_PERMANENT = 500
# Beyond the time for one answer: a server that sends a byte a second resets that one for ever
# (fault F-11). Both together stay below the outbox's lease.
_EXTRA_SECONDS = 5


class NoMailServer(Exception):
    """There is nowhere to hand mail to: people would wait for mails that never go out."""


class SmtpUrlBad(NoMailServer):
    """IDP_SMTP_URL cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where and how to hand over. is_tls: from the first byte; needs_starttls: by STARTTLS."""

    host: str
    port: int
    username: str | None
    password: str | None
    is_tls: bool
    needs_starttls: bool
    ca_file: str | None


def parse(url: str) -> SmtpServer:
    """Read the address of a mail server; SmtpUrlBad says what is wrong with it.

    smtp://user:password@host:port?starttls=required|never&ca=FILE, or smtps:// for TLS from the
    first byte. ca: certificates to trust instead of the system's. STARTTLS is required by
    default; `never` is taken for loopback only, where it is the default.
    """
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise SmtpUrlBad("IDP_SMTP_URL must be smtp://host:port or smtps://host:port")
    if set(query) - {"starttls", "ca"} or query.get("starttls") not in {None, "required", "never"}:
        raise SmtpUrlBad("IDP_SMTP_URL knows starttls=required, starttls=never and ca=FILE")
    is_loopback = parts.hostname in _LOOPBACK
    if query.get("starttls") == "never" and not is_loopback:
        raise SmtpUrlBad("mail leaves this machine encrypted or not at all")
    is_tls = parts.scheme == "smtps"
    return SmtpServer(
        host=parts.hostname,
        port=parts.port or (465 if is_tls else 25 if is_loopback else 587),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        is_tls=is_tls,
        needs_starttls=not is_tls and query.get("starttls", _default(is_loopback)) == "required",
        ca_file=query.get("ca"),
    )


class SmtpTransport:
    """Hands messages to one mail server, one connection each."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    def hand_over(self, ctx: Context, message: EmailMessage) -> None:
        """Return when the server has taken the message.

        TryAgain when it cannot be reached, is not who it should be, or says "later" (4xx);
        Undeliverable when it refuses this message for good (5xx).
        """
        with self._connected(ctx) as client:
            try:
                client.send_message(message, to_addrs=[recipient_of(message)])
            except smtplib.SMTPRecipientsRefused as error:
                _refused(*next(iter(error.recipients.values())))
            except smtplib.SMTPResponseException as error:
                _refused(error.smtp_code, error.smtp_error)
            except smtplib.SMTPNotSupportedError as error:
                raise Undeliverable("the mail server takes no such address") from error
            except (OSError, ValueError) as error:
                raise TryAgain(f"smtp broke off: {type(error).__name__}") from error

    @contextmanager
    def _connected(self, ctx: Context) -> Iterator[smtplib.SMTP]:
        timeout = ctx.settings.mail.timeout_seconds
        client = _client(self._server, ctx.settings.host.partition(":")[0], timeout)
        # Ends the connection under a server that stays just alive enough.
        watch = threading.Timer(timeout + _EXTRA_SECONDS, _cut, [client])
        watch.daemon = True
        watch.start()
        try:
            self._prepare(client)
            yield client
        finally:
            watch.cancel()
            _leave(client)

    def _prepare(self, client: smtplib.SMTP) -> None:
        server = self._server
        try:
            code, _ = client.connect(server.host, server.port)
            if code != _READY:
                raise TryAgain(f"smtp refuses us: {code}")
            if server.needs_starttls:
                # Raises when the server does not offer it (stripped) or its certificate is bad.
                client.starttls(context=_trust(server))
            if server.username is not None:
                client.login(server.username, server.password or "")
        except smtplib.SMTPResponseException as error:
            raise TryAgain(f"smtp refuses us: {error.smtp_code}") from error
        except (OSError, ValueError) as error:
            raise TryAgain(f"smtp not reached: {type(error).__name__}") from error


class _Client(smtplib.SMTP):
    # smtplib checks a certificate against the host given to its constructor, which would connect
    # at once, before anybody watches the time.
    def __init__(self, host: str, own_name: str, timeout: float) -> None:
        super().__init__(local_hostname=own_name, timeout=timeout)
        self._host = host


class _TlsClient(smtplib.SMTP_SSL):
    def __init__(self, server: SmtpServer, own_name: str, timeout: float) -> None:
        super().__init__(local_hostname=own_name, timeout=timeout, context=_trust(server))
        self._host = server.host


def _client(server: SmtpServer, own_name: str, timeout: float) -> smtplib.SMTP:
    if server.is_tls:
        return _TlsClient(server, own_name, timeout)
    return _Client(server.host, own_name, timeout)


def _trust(server: SmtpServer) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.ca_file)


def _default(is_loopback: bool) -> str:  # noqa: FBT001 - one word decides
    return "never" if is_loopback else "required"


def _cut(client: smtplib.SMTP) -> None:
    with suppress(OSError):
        if client.sock is not None:
            # Of the plain socket: closing the encrypted one would wait for the other side.
            socket.socket.shutdown(client.sock, socket.SHUT_RDWR)


def _leave(client: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPException, OSError, ValueError):
        if client.sock is not None:
            client.quit()
    client.close()


def _refused(code: int, answer: bytes | str) -> None:
    text = answer.decode("ascii", "replace") if isinstance(answer, bytes) else answer
    # Of the server's words only the enhanced status code (RFC 3463): the rest names people.
    status = text.split(" ", 1)[0] if text[:1] in {"2", "4", "5"} and "." in text[:4] else ""
    reason = f"smtp {code} {status[:11]}".strip()
    if code >= _PERMANENT:
        raise Undeliverable(reason)
    raise TryAgain(reason)
