"""ML-08: mail goes out encrypted to the server that its certificate names, or not at all."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from sqlalchemy import text

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.mail.delivery import mail_deliverer
from idp.foundation.mail.service import KIND, send
from idp.foundation.outbox.worker import Worker
from tests.flows.foundation.ground import CountingSink, OpenContext
from tests.parts.ports import free_ports

Deliver = Callable[[str], tuple[str, str | None]]


def _certificate(folder: Path, name: x509.GeneralName) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail server of a test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, pkcs8, plain)
    file = folder / "server.pem"
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return _certificate(tmp_path, x509.IPAddress(ip_address("127.0.0.1")))


@pytest.fixture
def foreign_certificate(tmp_path: Path) -> Path:
    return _certificate(tmp_path, x509.DNSName("another.example.org"))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def deliver(ctx: Context, open_context: OpenContext) -> Deliver:
    """Send a mail by an address and tell how that ended."""

    def deliver_by(url: str) -> tuple[str, str | None]:
        with writing(ctx.db):
            send(ctx, "ask_again", to="ana@example.org", language="en", values={})
        chosen = ctx.settings.model_copy(update={"smtp_url": SecretStr(url)})
        Worker(open_context, {KIND: mail_deliverer(chosen)}).run_once()
        ctx.db.rollback()
        row = ctx.db.execute(text("SELECT state, last_error FROM outbox")).one()
        return row[0], row[1]

    return deliver_by


def _start(stack: ExitStack, certificate: Path, *, from_first_byte: bool) -> CountingSink:
    sink = CountingSink(port=free_ports(1))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def authenticate(*words: object) -> AuthResult:
        given = words[-1]
        is_right = isinstance(given, LoginPassword) and given.password == b"p@ss"
        return AuthResult(success=is_right, handled=False)

    controller = Controller(
        sink,
        hostname="127.0.0.1",
        port=sink.port,
        ssl_context=context if from_first_byte else None,
        tls_context=None if from_first_byte else context,
        require_starttls=not from_first_byte,
        authenticator=authenticate,
        auth_required=not from_first_byte,
        auth_require_tls=not from_first_byte,
    )
    controller.start()
    stack.callback(controller.stop)
    return sink


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_ML_08_a_trusted_server_gets_password_and_mail_encrypted(
    deliver: Deliver, stack: ExitStack, certificate: Path, scheme: str
) -> None:
    sink = _start(stack, certificate, from_first_byte=scheme == "smtps")
    login = "" if scheme == "smtps" else "user:p%40ss@"
    url = f"{scheme}://{login}127.0.0.1:{sink.port}?starttls=required&ca={certificate}"
    assert deliver(url) == ("delivered", None)
    assert len(sink.delivered) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_ML_08_a_server_that_nobody_vouches_for_gets_nothing(
    deliver: Deliver, stack: ExitStack, certificate: Path, scheme: str
) -> None:
    sink = _start(stack, certificate, from_first_byte=scheme == "smtps")
    url = f"{scheme}://user:p%40ss@127.0.0.1:{sink.port}?starttls=required"
    assert deliver(url) == ("queued", "smtp not reached: SSLCertVerificationError")
    assert sink.delivered == []


def test_ML_08_a_certificate_of_another_name_is_refused(
    deliver: Deliver, stack: ExitStack, foreign_certificate: Path
) -> None:
    sink = _start(stack, foreign_certificate, from_first_byte=False)
    url = f"smtp://127.0.0.1:{sink.port}?starttls=required&ca={foreign_certificate}"
    assert deliver(url) == ("queued", "smtp not reached: SSLCertVerificationError")
    assert sink.delivered == []


def test_a_wrong_password_keeps_the_mail_queued(
    deliver: Deliver, stack: ExitStack, certificate: Path
) -> None:
    sink = _start(stack, certificate, from_first_byte=False)
    url = f"smtp://user:old@127.0.0.1:{sink.port}?starttls=required&ca={certificate}"
    assert deliver(url) == ("queued", "smtp refuses us: 535")
