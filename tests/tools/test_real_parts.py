"""The real parts of the other tests work, and work as those tests believe."""

import smtplib
from datetime import UTC, datetime

import psycopg
import pytest
import redis
from sqlalchemy.engine import make_url

from tests.parts.authenticator import Authenticator, totp
from tests.parts.axe import violations
from tests.parts.chromium import Chromium
from tests.parts.html import Form, parse
from tests.parts.postgres import PostgresServer
from tests.parts.smtp import PERMANENT, TEMPORARY, SmtpSink
from tests.parts.valkey import ValkeyServer


@pytest.mark.postgres
def test_each_postgresql_database_is_a_copy_of_its_template(
    postgres_server: PostgresServer,
) -> None:
    template = postgres_server.create_database()
    with psycopg.connect(_plain(template)) as connection:
        connection.execute("CREATE TABLE kept (word text)")
    copy = postgres_server.create_database(make_url(template).database)
    with psycopg.connect(_plain(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    postgres_server.drop_database(copy)
    postgres_server.drop_database(template)


def _plain(address: str) -> str:
    url = make_url(address).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


@pytest.mark.valkey
def test_valkey_can_be_lost_and_come_back(valkey: ValkeyServer) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.set("word", "kept")
    valkey.interrupt()
    assert not valkey.answers()
    valkey.start()
    assert valkey.answers()


def test_the_smtp_sink_keeps_mail_and_refuses_as_told(smtp: SmtpSink) -> None:
    def send() -> None:
        with smtplib.SMTP("127.0.0.1", smtp.port, timeout=5) as client:
            client.sendmail("a@example.org", ["b@example.org"], "Subject: Hola\r\n\r\nbody")

    send()
    assert smtp.mail_to("b@example.org").subject == "Hola"
    smtp.answer = TEMPORARY
    with pytest.raises(smtplib.SMTPDataError):
        send()
    smtp.refused["b@example.org"] = PERMANENT
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send()
    assert len(smtp.delivered) == 1


def test_the_authenticator_gives_rfc_6238_codes_and_none_twice() -> None:
    # RFC 6238 appendix B, SHA-1, cut to six digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp(secret, datetime.fromtimestamp(59, UTC)) == "287082"
    app = Authenticator(secret, lambda: datetime.fromtimestamp(59, UTC))
    assert app.code() == "287082"
    assert app.code() == totp(secret, datetime.fromtimestamp(60, UTC))


def test_a_form_without_javascript_sends_what_stands_in_it() -> None:
    page = parse(
        "<form action=/go method=post><input type=hidden name=csrf value='a&amp;b'>"
        "<input name=who><input type=checkbox name=agree><select name=lang><option value=en>E"
        "<option value=es selected>S</select><button name=do value=it>Go on</button></form>"
    )
    form = Form(next(page.all("form")))
    assert form.method == "POST"
    assert form.values() == {"csrf": "a&b", "who": "", "lang": "es"}
    assert form.field_names == {"who", "agree", "lang"}


@pytest.mark.browser
def test_chromium_renders_and_axe_finds_a_picture_without_words(chromium: Chromium) -> None:
    page = chromium.person(width=320)
    page.set_content("<html lang=en><title>t</title><main><h1>Hi</h1><img src='data:,'></main>")
    assert page.evaluate("innerWidth") == 320
    assert any("image-alt" in line for line in violations(page))


@pytest.mark.browser
def test_a_complaint_of_the_console_is_heard(chromium: Chromium) -> None:
    page = chromium.person()
    page.set_content("<script>console.error('blocked')</script>")
    assert any("blocked" in complaint for complaint in chromium.complaints)
    chromium.complaints.clear()
