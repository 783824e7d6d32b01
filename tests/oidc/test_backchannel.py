"""Back-channel logout: what is told, to whom, and where no call may lead (LO-06, LO-07)."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import db, writing
from idp.foundation.outbox import rules as outbox_rules
from idp.foundation.outbox.deliverer import NotWanted, Parcel, TryAgain, Undeliverable
from idp.foundation.outbox.worker import Worker
from idp.oidc.clients import service as clients
from idp.oidc.clients import store
from idp.oidc.clients.registration import Registration
from idp.oidc.logout import backchannel, guarded_post
from idp.oidc.logout.guarded_post import AddressRefused, Limits
from idp.people.accounts.service import Account
from idp.people.sessions import service as sessions
from idp.settings import Settings
from tests.oidc import story
from tests.oidc.story import Browser
from tests.parts.application import ISSUER, START

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_QUICK = Limits(seconds=1, answer_bytes=4096, may_be_private=True, may_be_http=True)


class Receiver:
    """An application's receiver of logout notices: keeps what it got, answers as it is told."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body = b""
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        receiver = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers), body))
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(receiver.body)

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        # A caller that stops reading early is what some of these tests are about.
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.place = f"localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def speak_tls(self, certificate: Path, key: Path) -> None:
        """Answer by TLS from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture
def settings(settings: Settings, receiver: Receiver) -> Settings:
    """The operator listed the receiver's host and port."""
    return settings.model_copy(update={"backchannel_hosts": [receiver.place]})


@pytest.fixture
def told(ctx: Context, receiver: Receiver) -> story.Application:
    """An application that wants to be told."""
    address = f"http://{receiver.place}/notices?x=y"
    return story.register(ctx, "told", backchannel_logout_uri=address)


@pytest.fixture
def worker(app: Flask, parts: Parts) -> Worker:
    with app.app_context():
        engine = db.engine

    @contextmanager
    def opened() -> Iterator[Context]:
        with Session(engine) as session:
            yield parts.context(session, Origin.system("worker"))

    opener: Callable[[], AbstractContextManager[Context]] = opened
    return Worker(opener, {"backchannel_logout": backchannel.deliverer()})


def parcel(**payload: str) -> Parcel:
    usual = {"client_id": "told", "sid": "a-sid", "sub": "a-sub"}
    return Parcel("1", "backchannel_logout", usual | payload, "<1@x>", None, START, 1)


def test_LO_07_the_notice_has_the_standards_shape(
    ctx: Context, browser: Browser, told: story.Application, receiver: Receiver, worker: Worker,
    recipient: Account,
) -> None:  # fmt: skip
    browser.tokens(told)
    browser.tokens(told)
    with writing(ctx.db):
        sessions.end_session(ctx, browser.session.id, "idle")
    worker.run_once()
    [(path, headers, body)] = receiver.got
    assert path == "/notices?x=y"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["Host"] == receiver.place
    [token] = parse_qs(body.decode())["logout_token"]
    header = jwt.get_unverified_header(token)
    assert (header["typ"], header["alg"]) == ("logout+jwt", "RS256")
    claims = story.claims_of(browser.client, token, "told")
    assert claims.pop("jti")
    issued = int(START.timestamp())
    assert claims == {
        "iss": ISSUER,
        "aud": "told",
        "iat": issued,
        "exp": issued + 120,
        "sub": recipient.sub,
        "sid": browser.session.sid,
        "events": {_EVENT: {}},
    }


def test_F_20_an_application_that_is_down_is_told_later(
    ctx: Context, browser: Browser, told: story.Application, receiver: Receiver, worker: Worker,
    clock: FixedClock,
) -> None:  # fmt: skip
    browser.tokens(told)
    receiver.status = 503
    browser.client.get(
        "/oidc/end-session", query_string={"id_token_hint": browser.tokens(told)["id_token"]}
    )
    worker.run_once()
    assert len(receiver.got) == 1
    receiver.status = 204
    clock.advance(600)
    worker.run_once()
    assert len(receiver.got) == 2
    first, second = (parse_qs(body.decode())["logout_token"] for _, _, body in receiver.got)
    assert first != second
    clock.advance(600)
    worker.run_once()
    assert len(receiver.got) == 2


def test_F_20_a_notice_that_is_given_up_is_recorded(
    ctx: Context, browser: Browser, told: story.Application, receiver: Receiver, worker: Worker,
    clock: FixedClock,
) -> None:  # fmt: skip
    browser.tokens(told)
    receiver.status = 500
    with writing(ctx.db):
        sessions.end_session(ctx, browser.session.id, "idle")
    for _ in range(21):
        assert worker.run_once() == 1
        clock.advance(300)
    assert worker.run_once() == 0
    rows = ctx.db.execute(
        text(
            "SELECT client_id, changes FROM audit_event"
            " WHERE event = 'oidc.backchannel_logout_failed'"
        )
    ).all()
    assert [tuple(row) for row in rows] == [("told", '{"attempts":21}')]


def test_a_logout_token_is_no_hint(ctx: Context, browser: Browser, told: story.Application) -> None:
    client = store.enabled(ctx.db.connection(), "told")
    assert client
    token = backchannel.logout_token(ctx, client, sub="x", sid=browser.session.sid)
    page = browser.client.get("/oidc/end-session", query_string={"id_token_hint": token})
    assert story.is_refusal_page(page)


def test_nobody_is_told_who_does_not_want_to_be(ctx: Context, portal: story.Application) -> None:
    for client_id in (portal.client_id, "nobody"):
        with pytest.raises(NotWanted):
            backchannel.deliver(ctx, parcel(client_id=client_id))


def test_a_disabled_application_is_not_told(
    ctx: Context, told: story.Application, receiver: Receiver
) -> None:
    clients.disable(ctx, told.client_id)
    with pytest.raises(NotWanted):
        backchannel.deliver(ctx, parcel())
    assert not receiver.got


@pytest.mark.parametrize("status", [302, 307, 400, 404, 500])
def test_LO_06_other_answers_are_tried_again_and_redirects_not_followed(
    ctx: Context, told: story.Application, receiver: Receiver, status: int
) -> None:
    receiver.status, receiver.headers = status, {"Location": f"http://{receiver.place}/inner"}
    with pytest.raises(TryAgain, match=str(status)):
        backchannel.deliver(ctx, parcel())
    assert len(receiver.got) == 1


def test_an_application_that_does_not_answer_is_tried_again(ctx: Context) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        place = f"localhost:{unused.getsockname()[1]}"
        listed = ctx.settings.model_copy(update={"backchannel_hosts": [place]})
        patient = replace(ctx, parts=replace(ctx.parts, settings=listed))
        story.register(patient, "told", backchannel_logout_uri=f"http://{place}/")
        with pytest.raises(TryAgain, match="ConnectionRefusedError"):
            backchannel.deliver(patient, parcel())


def test_LO_06_what_is_no_longer_listed_is_not_called(
    ctx: Context, told: story.Application, receiver: Receiver
) -> None:
    unlisted = ctx.settings.model_copy(update={"backchannel_hosts": []})
    stricter = replace(ctx, parts=replace(ctx.parts, settings=unlisted))
    with pytest.raises(Undeliverable):
        backchannel.deliver(stricter, parcel())
    assert not receiver.got


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254",
     "0.0.0.0", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]",  # noqa: S104
     "[2002:7f00:1::]", "224.0.0.1", "100.64.0.1", "2130706433", "0x7f.1"],
)  # fmt: skip
def test_LO_06_private_networks_are_refused_at_connect_time(host: str) -> None:
    public_only = Limits(seconds=1, answer_bytes=10)
    with pytest.raises(AddressRefused):
        guarded_post.post(f"https://{host}/x", b"", public_only)


def test_LO_06_cleartext_is_refused_unless_listed() -> None:
    with pytest.raises(AddressRefused):
        guarded_post.post("http://198.51.100.1/", b"", replace(_QUICK, may_be_http=False))


def test_LO_06_a_huge_answer_is_not_read(receiver: Receiver) -> None:
    receiver.body = b"x" * 30_000_000
    began = time.monotonic()
    assert guarded_post.post(f"http://{receiver.place}/", b"", _QUICK) == 200
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("endless", [b"x", b"HTTP/1.1 200 OK\r\nA: b\r\n", b""])
def test_LO_06_an_answer_that_never_ends_is_left(endless: bytes) -> None:
    with _dripping(endless) as place:
        began = time.monotonic()
        with suppress(OSError):
            guarded_post.post(f"http://{place}/", b"", _QUICK)
        assert time.monotonic() - began < 3


def test_LO_06_a_handshake_that_never_ends_is_left() -> None:
    with _dripping(b"\x16\x03\x03\x3f\x00") as place:
        began = time.monotonic()
        with pytest.raises(OSError, match=r"."):
            guarded_post.post(f"https://{place}/", b"", _QUICK)
        assert time.monotonic() - began < 3


def test_F_20_one_deadline_holds_over_all_addresses_of_a_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with _silent("127.0.0.2") as first, _silent("127.0.0.3", first) as port:
        names = [f"127.0.0.{2 + number % 2}" for number in range(2)]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (name, port)) for name in names]
        monkeypatch.setattr(socket, "getaddrinfo", _resolving(found, "many.test"))
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            guarded_post.post(f"http://many.test:{port}/", b"", _QUICK)
        assert time.monotonic() - began < 1.5


def test_F_20_at_most_three_addresses_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.9", 0))
        listening.listen()
        port = listening.getsockname()[1]
        names = [f"127.0.0.{number}" for number in (5, 6, 7, 9)]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (name, port)) for name in names]
        monkeypatch.setattr(socket, "getaddrinfo", _resolving(found, "many.test"))
        with pytest.raises(ConnectionRefusedError):
            guarded_post.post(f"http://many.test:{port}/", b"", _QUICK)


def test_F_20_a_silent_name_server_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def silent(*_: object, **__: object) -> list[object]:
        answered.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        guarded_post.post("https://silent.test/", b"", _QUICK)
    answered.set()
    assert time.monotonic() - began < 2


def test_F_20_an_application_that_keeps_failing_is_called_less_often(
    ctx: Context, told: story.Application, receiver: Receiver, clock: FixedClock
) -> None:
    receiver.status = 503
    deliver = backchannel.deliverer().deliver
    for _ in range(10):
        with pytest.raises(TryAgain):
            deliver(ctx, parcel())
    assert len(receiver.got) == 3
    clock.advance(5)
    receiver.status = 200
    for _ in range(2):
        deliver(ctx, parcel())
    assert len(receiver.got) == 5
    assert told.client_id == "told"


def test_F_20_a_notice_is_given_up_after_about_an_hour() -> None:
    waits = [outbox_rules.wait_seconds(attempt, 0.5) for attempt in range(1, 21)]
    assert backchannel.deliverer().max_attempts == len(waits)
    assert 3000 < sum(waits) < 4200


def test_a_server_that_does_not_answer_is_an_ordinary_failure() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(OSError, match=r"."):
            guarded_post.post(f"http://{place}/", b"", _QUICK)


def test_LO_06_a_certificate_nobody_signed_is_refused(receiver: Receiver) -> None:
    with pytest.raises(ssl.SSLError):
        guarded_post.post(f"https://{receiver.place}/", b"", _QUICK)


def test_LO_06_a_name_that_changes_its_mind_leads_nowhere(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the address that was judged is the one that is called, asked for once."""
    asked: list[str] = []
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("198.51.100.1", 1))]
    private = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))]

    def rebinding(host: str, *_: object, **__: object) -> object:
        asked.append(host)
        return [*public, *private] if len(asked) == 1 else private

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with pytest.raises(AddressRefused):
        guarded_post.post("https://rebinding.example/", b"", Limits(seconds=1, answer_bytes=10))
    assert asked == ["rebinding.example"]
    assert not receiver.got


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1/x", "https://169.254.169.254/latest", "https://[::1]/x",
     "https://10.0.0.1/x", "http://198.51.100.1/x", "https://{host}.example/x",
     "https://example.org/{{state}}", "ftp://example.org/x"],
)  # fmt: skip
def test_LO_06_such_an_address_is_not_even_registered(ctx: Context, address: str) -> None:
    """Nothing in it is ever filled in from a request: it is called as it is stored."""
    wanted = Registration(
        client_id="bad",
        client_name="Bad",
        redirect_uris=(story.CALLBACK,),
        backchannel_logout_uri=address,
    )
    refused = clients.add(ctx, wanted)
    assert isinstance(refused, list)
    assert {one.field for one in refused} == {"backchannel_logout_uri"}


def test_LO_06_a_bundle_of_the_operator_is_trusted_besides(
    receiver: Receiver, tmp_path: Path
) -> None:
    """For the conformance suite's own certificate; settings refuse it in other environments."""
    certificate, key = _self_signed(tmp_path)
    receiver.speak_tls(certificate, key)
    trusting = replace(_QUICK, ca_bundle=certificate)
    assert guarded_post.post(f"https://{receiver.place}/", b"a=b", trusting) == 200
    with pytest.raises(ssl.SSLError):
        guarded_post.post(f"https://{receiver.place}/", b"a=b", _QUICK)


def test_the_payload_in_the_outbox_is_sealed(
    ctx: Context, browser: Browser, told: story.Application
) -> None:
    browser.tokens(told)
    with writing(ctx.db):
        sessions.end_session(ctx, browser.session.id, "sign_out")
    payload: Any = ctx.db.execute(text("SELECT payload FROM outbox")).scalar_one()
    assert browser.session.sid not in json.dumps(payload)


def _self_signed(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for localhost that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    written = folder / "certificate.pem", folder / "key.pem"
    written[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    written[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return written


@contextmanager
def _dripping(start: bytes) -> Iterator[str]:
    """A server that sends a byte now and then and never finishes."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        stop = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    connection.sendall(start)
                    while not stop.wait(0.2):
                        connection.sendall(b"a")
                except OSError:
                    return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        stop.set()
        thread.join()


@contextmanager
def _silent(address: str, port: int = 0) -> Iterator[int]:
    """An address that takes no connection and refuses none: its queue is full."""
    with ExitStack() as held, socket.socket() as listening:
        listening.bind((address, port))
        listening.listen(0)
        for _ in range(4):
            one = held.enter_context(socket.socket())
            one.settimeout(0)
            one.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def _resolving(found: list[Any], name: str) -> Callable[..., Any]:
    """A resolver that knows one name more than the machine's."""
    usual = socket.getaddrinfo

    def resolve(host: str, *rest: Any, **named: Any) -> Any:
        return found if host == name else usual(host, *rest, **named)

    return resolve
