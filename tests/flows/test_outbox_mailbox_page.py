"""/dev/mailbox: reading development mails in a browser and by a program."""

import pytest
from flask import Flask

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.foundation.mail.delivery import deliver
from idp.foundation.mail.mailbox import MailboxTransport
from idp.foundation.mail.service import KIND, send
from idp.foundation.outbox import service as outbox
from idp.settings import Settings


@pytest.fixture
def mail_id(app: Flask, ctx: Context) -> str:
    with writing(ctx.db):
        send(ctx, "ask_again", to="ana@example.org", language="en", values={})
    row = outbox.claim(ctx, [KIND], "test")
    assert row is not None
    deliver(ctx, outbox.opened(ctx, row), MailboxTransport())
    answer = app.test_client().get("/dev/mailbox?format=json&to=ana@example.org").get_json()
    assert len(answer) == 1
    assert answer[0]["subject"] == "Please ask for a new code"
    return str(answer[0]["id"])


def test_the_mailbox_lists_mails_and_shows_their_text(app: Flask, mail_id: str) -> None:
    client = app.test_client()
    listed = client.get("/dev/mailbox")
    assert listed.status_code == 200
    assert f'href="/dev/mailbox/{mail_id}"' in listed.text
    shown = client.get(f"/dev/mailbox/{mail_id}")
    assert 'href="http://localhost:8000/sign-in"' in shown.text, "links can be followed"
    assert client.get("/dev/mailbox?to=beto@example.org&format=json").get_json() == []
    assert client.get("/dev/mailbox/unknown").status_code == 404
    assert client.get("/dev/mailbox/unknown/html").status_code == 404


def test_IN_01_a_mails_html_runs_nothing_and_has_no_origin(app: Flask, mail_id: str) -> None:
    answer = app.test_client().get(f"/dev/mailbox/{mail_id}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert answer.content_type.startswith("text/html")


def test_DP_03_there_is_no_mailbox_where_people_are_served(settings: Settings) -> None:
    from idp.app import create_app  # noqa: PLC0415 - the provider as it is in another environment

    serving = settings.model_copy(update={"environment": "conformance"})
    assert create_app(serving).test_client().get("/dev/mailbox").status_code == 404


def test_an_empty_mailbox_says_so(app: Flask) -> None:
    assert "There are no mails yet." in app.test_client().get("/dev/mailbox").text


@pytest.mark.parametrize(
    ("peer", "hops", "status"),
    [
        ("127.0.0.1", 0, 200),
        ("::1", 0, 200),
        ("::ffff:127.0.0.1", 0, 200),
        ("192.0.2.7", 0, 404),
        ("127.0.0.1", 1, 404),
    ],
)
def test_DP_03_the_mailbox_answers_this_machine_alone(
    settings: Settings, peer: str, hops: int, status: int
) -> None:
    from idp.app import create_app  # noqa: PLC0415 - the provider with other settings

    app = create_app(settings.model_copy(update={"trusted_proxies": hops}))
    client = app.test_client()
    for path in ("/dev/mailbox", "/dev/mailbox?format=json"):
        assert client.get(path, environ_base={"REMOTE_ADDR": peer}).status_code == status
