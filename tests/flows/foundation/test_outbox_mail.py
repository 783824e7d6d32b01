"""Mail from `send` to a real mail server: harmless content, whole headers, codes that live."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from idp.foundation.clock import FixedClock
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.mail import mailbox
from idp.foundation.mail.delivery import mail_deliverer, transport_for
from idp.foundation.mail.service import KIND, send
from idp.foundation.mail.smtp import NoMailServer, SmtpUrlBad, parse
from idp.foundation.one_time_codes import service as one_time_codes
from idp.foundation.one_time_codes.service import IssuedCode, Purpose, Redeemed
from idp.foundation.outbox.worker import Worker
from idp.settings import MailSender, Settings
from tests.flows.foundation.ground import CountingSink, OpenContext, opener
from tests.parts.ports import free_ports
from tests.parts.smtp import PERMANENT, TEMPORARY, Delivered

pytestmark = pytest.mark.usefixtures("sample_mails")

StartWorker = Callable[..., Worker]


@pytest.fixture
def worker_for(open_context: OpenContext, settings: Settings) -> StartWorker:
    """Make a worker that hands over to an address; to the mailbox without one."""

    def make(smtp_url: str | None = None) -> Worker:
        chosen = settings.model_copy(update={"smtp_url": SecretStr(smtp_url) if smtp_url else None})
        return Worker(open_context, {KIND: mail_deliverer(chosen)})

    return make


def _send(ctx: Context, to: str = "ana@example.org", **values: object) -> str:
    given = {"name": "Ana", "code": "12345678", "token": "t0ken", **values}
    with writing(ctx.db):
        return send(ctx, "sample", to=to, language="en", values=given)


def _send_code(ctx: Context, transaction_id: str = "tab-1") -> IssuedCode:
    with writing(ctx.db):
        issued = one_time_codes.issue(
            ctx, Purpose.UNLOCK, transaction_id=transaction_id, subject="account-1"
        )
        values = {"name": "Ana", "code": issued.code, "token": issued.link_token}
        to, code_id = "ana@example.org", issued.id
        send(ctx, "sample", to=to, language="es", values=values, code_id=code_id)
    return issued


def _enter(ctx: Context, issued: IssuedCode, transaction_id: str = "tab-1") -> bool:
    with writing(ctx.db):
        answer = one_time_codes.redeem_code(
            ctx, Purpose.UNLOCK, transaction_id=transaction_id, code=issued.code
        )
    return isinstance(answer, Redeemed)


def _html(mail: Delivered) -> str:
    part = mail.message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def _states(ctx: Context) -> list[tuple[str, str | None]]:
    ctx.db.rollback()
    rows = ctx.db.execute(text("SELECT state, last_error FROM outbox ORDER BY id"))
    return [(row[0], row[1]) for row in rows]


def test_a_mail_has_text_and_html_and_every_header_it_needs(
    ctx: Context, smtp: CountingSink, worker_for: StartWorker
) -> None:
    row_id = _send(ctx)
    worker_for(smtp.url).run_once()
    (mail,) = smtp.delivered
    assert mail.sender == "no-reply@example.org"
    assert mail.recipients == ("ana@example.org",)
    headers = {name: str(value) for name, value in mail.message.items()}
    assert (
        headers.items()
        >= {
            "From": '"Carolina Sign-in (demonstration)" <no-reply@example.org>',
            "To": "ana@example.org",
            "Subject": "Code for Ana",
            "Message-ID": f"<{row_id}@localhost>",
            "Date": "Mon, 02 Mar 2026 15:00:00 +0000",
            "Auto-Submitted": "auto-generated",
            "Content-Language": "en",
        }.items()
    )
    assert "your code is 12345678" in mail.text
    assert "http://localhost:8000/unlock?token=t0ken" in mail.text
    page = _html(mail)
    assert 'href="http://localhost:8000/unlock?token=t0ken"' in page
    assert "<style" not in page, "styles are inlined"
    assert "<link" not in page


NASTY_NAMES = [
    "{{7*7}} ${7*7} %s %(name)s {% raw %}",
    "<a href='http://evil.example'>Click</a><img src=x onerror=alert(1)>",
    "Ana\r\nBcc: victim@example.org\r\n\r\nhttp://evil.example/",
    "Ana\u2028Bcc: x\u2029\x00\x1b[31m\x85",
    "\u202eevil\u202c \u2066x\u2069",
    "https://evil.example/reset www.evil.example evil.com",
    "Ana" + "x" * 10_000,
]


@pytest.mark.parametrize("name", NASTY_NAMES)
def test_ML_01_what_people_typed_is_inert_in_every_part(
    ctx: Context, smtp: CountingSink, worker_for: StartWorker, name: str
) -> None:
    _send(ctx, name=name)
    worker_for(smtp.url).run_once()
    (mail,) = smtp.delivered
    raw = mail.message.as_bytes()
    assert mail.recipients == ("ana@example.org",)
    assert mail.message["Bcc"] is None
    assert len(mail.subject) <= 150
    assert mail.subject.isprintable()
    page = _html(mail)
    assert len(mail.text) < 2000
    assert "49" not in mail.subject
    assert page.count("<a ") == 1, "no link but ours"
    assert "<img" not in page
    for part in (mail.text, page, mail.subject):
        assert not set(part) & set("\u202e\u2066\u2028\u2029\x00\x1b\x85")
        for linked in ("http://evil", "https://evil", "www.evil", "evil.com", "evil.example"):
            assert linked not in part
    assert b"\nBcc:" not in raw


@pytest.mark.parametrize(
    "to",
    [
        "a@example.org, b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "Ana <a@example.org>",
        "a@example.org b@example.org",
        "a@b@example.org",
        "not an address",
        "a@" + "x" * 320 + ".org",
        "",
    ],
)
def test_RG_08_what_is_not_one_address_is_parked_and_never_sent(
    ctx: Context, smtp: CountingSink, worker_for: StartWorker, to: str
) -> None:
    _send(ctx, to)
    worker_for(smtp.url).run_once()
    assert smtp.delivered == []
    assert _states(ctx) == [("parked", "not one mail address")]


def test_an_international_domain_goes_out_in_its_ascii_form(
    ctx: Context, smtp: CountingSink, worker_for: StartWorker
) -> None:
    _send(ctx, "ana@bücher.example")
    worker_for(smtp.url).run_once()
    assert smtp.delivered[0].recipients == ("ana@xn--bcher-kva.example",)


def test_F_12_a_temporary_refusal_is_tried_again_with_the_same_message_id(
    ctx: Context, smtp: CountingSink, worker_for: StartWorker, clock: FixedClock
) -> None:
    issued = _send_code(ctx)
    worker = worker_for(smtp.url)
    smtp.answer = TEMPORARY
    worker.run_once()
    assert _states(ctx) == [("queued", "smtp 451 4.3.0")]
    smtp.answer = None
    clock.advance(900)
    worker.run_once()
    (mail,) = smtp.delivered
    assert issued.code in mail.text
    assert _enter(ctx, issued), "its life began anew with the second hand-over"


def test_F_12_a_refusal_for_good_is_parked_and_says_nothing_personal(
    ctx: Context, smtp: CountingSink, worker_for: StartWorker
) -> None:
    smtp.refused["ana@example.org"] = PERMANENT
    _send(ctx)
    _send(ctx, "beto@example.org")
    worker_for(smtp.url).run_once()
    assert _states(ctx) == [("parked", "smtp 550 5.1.1"), ("delivered", None)]


def test_ML_05_a_broken_template_is_parked_and_the_others_flow(
    ctx: Context, smtp: CountingSink, worker_for: StartWorker, clock: FixedClock
) -> None:
    with writing(ctx.db):
        send(ctx, "broken", to="ana@example.org", language="en", values={})
        send(ctx, "missing", to="ana@example.org", language="en", values={})
    _send(ctx, "beto@example.org")
    worker = worker_for(smtp.url)
    for _ in range(5):
        worker.run_once()
        clock.advance(300)
    assert [state for state, _ in _states(ctx)] == ["parked", "parked", "delivered"]
    assert len(smtp.delivered) == 1


def test_F_10_after_an_hour_without_server_the_queue_drains_and_no_dead_code_is_mailed(
    ctx: Context, worker_for: StartWorker, clock: FixedClock
) -> None:
    sink = CountingSink(port=free_ports(1))
    worker = worker_for(sink.url)
    issued = _send_code(ctx)
    _send(ctx, "beto@example.org")
    for _ in range(14):
        worker.run_once()
        clock.advance(300)
    later = _send_code(ctx, "tab-2")
    sink.start()
    worker.run_once()
    sink.stop()
    by_recipient = {(mail.recipients[0], mail.subject) for mail in sink.delivered}
    assert by_recipient == {
        ("ana@example.org", "Solicite un código nuevo"),
        ("ana@example.org", "Code for Ana"),
        ("beto@example.org", "Code for Ana"),
    }
    assert issued.code not in "".join(mail.text for mail in sink.delivered)
    assert len({mail.message_id for mail in sink.delivered}) == 3
    assert not _enter(ctx, issued)
    assert _enter(ctx, later, "tab-2")


def test_ML_02_a_code_that_was_replaced_while_it_waited_is_not_mailed(
    ctx: Context, smtp: CountingSink, worker_for: StartWorker
) -> None:
    _send_code(ctx)
    newest = _send_code(ctx)
    worker_for(smtp.url).run_once()
    (mail,) = smtp.delivered
    assert newest.code in mail.text
    assert [state for state, _ in _states(ctx)] == ["dropped", "delivered"]


def test_ML_02_a_code_works_from_the_moment_its_mail_can_be_read(
    ctx: Context, open_context: OpenContext, smtp: CountingSink, worker_for: StartWorker
) -> None:
    issued = _send_code(ctx)
    assert not _enter(ctx, issued)
    smtp.seconds_to_answer = 1
    sending = threading.Thread(target=worker_for(smtp.url).run_once)
    sending.start()
    while smtp.received == 0:
        time.sleep(0.01)
    with open_context() as reader:
        assert _enter(reader, issued), "the server has it, the mark is not yet written"
    sending.join()


@contextmanager
def _server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)


def _byte_by_byte(connection: socket.socket) -> None:
    try:
        for _ in range(100):
            connection.sendall(b"2")
            time.sleep(0.2)
    except OSError:
        pass


def test_F_11_a_server_that_sends_a_byte_at_a_time_does_not_hold_the_worker(
    ctx: Context, engine: Engine, settings: Settings
) -> None:
    _send(ctx)
    hurried = MailSender(address="no-reply@example.org", timeout_seconds=0.5)
    parts = replace(ctx.parts, settings=settings.model_copy(update={"mail": hurried}))
    with _server(_byte_by_byte) as url:
        deliverer = mail_deliverer(settings.model_copy(update={"smtp_url": SecretStr(url)}))
        started = time.monotonic()
        Worker(opener(parts, engine), {KIND: deliverer}).run_once()
    assert time.monotonic() - started < 15
    ((state, error),) = _states(ctx)
    assert state == "queued"
    assert error is not None
    assert error.startswith("smtp ")


def test_ML_08_a_server_whose_starttls_was_stripped_gets_nothing(
    ctx: Context, smtp: CountingSink, worker_for: StartWorker
) -> None:
    _send(ctx)
    worker_for(f"{smtp.url}?starttls=required").run_once()
    assert smtp.delivered == []
    assert _states(ctx) == [("queued", "smtp not reached: SMTPNotSupportedError")]


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example.org",
        "smtp://",
        "smtp://mail.example.org?starttls=never",
        "smtp://mail.example.org?starttls=maybe",
        "smtp://mail.example.org?tls=no",
    ],
)
def test_ML_08_an_address_that_would_send_in_clear_is_refused_at_start(
    settings: Settings, url: str
) -> None:
    with pytest.raises(SmtpUrlBad):
        mail_deliverer(settings.model_copy(update={"smtp_url": SecretStr(url)}))


def test_ML_08_encryption_is_the_default_everywhere_but_on_this_machine() -> None:
    far = parse("smtp://user:p%40ss@mail.example.org")
    assert (far.needs_starttls, far.port, far.password) == (True, 587, "p@ss")
    assert parse("smtps://mail.example.org").is_tls
    assert not parse("smtp://localhost:2525").needs_starttls
    assert parse("smtp://localhost:2525?starttls=required").needs_starttls


def test_production_without_a_mail_server_does_not_start_a_worker(settings: Settings) -> None:
    production = settings.model_copy(update={"environment": "production"})
    with pytest.raises(NoMailServer):
        transport_for(production)


def test_without_a_server_the_mailbox_keeps_mails_sealed_and_the_newest_first(
    ctx: Context, worker_for: StartWorker
) -> None:
    issued = _send_code(ctx)
    worker_for().run_once()
    _send(ctx, "beto@example.org", code="87654321")
    worker_for().run_once()
    assert [mail.to for mail in mailbox.newest(ctx)] == ["beto@example.org", "ana@example.org"]
    (mail,) = mailbox.newest(ctx, to="Ana@example.org")
    assert issued.code in mail.text
    assert "<html" in mail.html
    assert mailbox.one(ctx, mail.id) == mail
    assert mailbox.one(ctx, "unknown") is None
    kept = str(ctx.db.execute(text("SELECT content FROM development_mail")).all())
    assert issued.code not in kept
    assert _enter(ctx, issued)
