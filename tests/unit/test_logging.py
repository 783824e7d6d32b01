"""The log: one line for each event, without secrets and personal data (LX-01, LX-03)."""

import base64
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from idp.foundation.ids import new_secret
from idp.foundation.logging import get_logger, gunicorn_logging, set_up_logging
from idp.foundation.redaction import REDACTED, redacted, scrubbed
from idp.settings import Settings

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.fixture
def log() -> Iterator[structlog.typing.FilteringBoundLogger]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    set_up_logging(Settings(environment="test", issuer="http://localhost:8000", log_level="info"))
    yield get_logger("idp.test")
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers, root.level = before, level


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.split("\n") if line]


@pytest.mark.parametrize(
    "nasty", ["a\r\nb", "\x1b[31mred", '","level":"error', "\u2028\u2029\x85\x00"]
)
def test_LX_03_whatever_is_in_a_field_an_event_is_one_line(
    log: structlog.typing.FilteringBoundLogger, capsys: pytest.CaptureFixture[str], nasty: str
) -> None:
    log.info(nasty, field=nasty, nested={"list": [nasty]})
    logging.getLogger("a.library").warning("%s", nasty)
    written = capsys.readouterr().err
    assert written.count("\n") == 2
    assert written.isascii()
    own, foreign = (json.loads(line) for line in written.splitlines())
    assert own["event"] == own["field"] == foreign["event"] == nasty
    assert own["level"] == "info"


def test_LX_03_half_a_character_is_written_all_the_same(
    log: structlog.typing.FilteringBoundLogger, capsys: pytest.CaptureFixture[str]
) -> None:
    log.info("half", field="\ud800")
    (line,) = _lines(capsys)
    assert line["field"] == "\ud800"


def test_LX_04_an_event_carries_time_level_logger_and_request(
    log: structlog.typing.FilteringBoundLogger, capsys: pytest.CaptureFixture[str]
) -> None:
    structlog.contextvars.bind_contextvars(request_id="r-1")
    log.info("done", count=1)
    logging.getLogger("a.library").warning("odd")
    own, foreign = _lines(capsys)
    assert (
        own.items()
        >= {
            "event": "done",
            "level": "info",
            "logger": "idp.test",
            "request_id": "r-1",
            "count": 1,
        }.items()
    )
    assert str(own["timestamp"]).endswith("Z")
    assert foreign.items() >= {"logger": "a.library", "request_id": "r-1"}.items()


def test_what_is_below_the_level_is_not_written(
    log: structlog.typing.FilteringBoundLogger, capsys: pytest.CaptureFixture[str]
) -> None:
    log.debug("no")
    logging.getLogger("a.library").debug("no")
    logging.getLogger("sqlalchemy.engine").info("SELECT 1")
    assert _lines(capsys) == []


def test_LX_01_a_traceback_is_in_its_event_and_holds_no_secret(
    log: structlog.typing.FilteringBoundLogger, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = new_secret()

    def fail() -> None:
        raise ValueError(f"cannot use {secret} of ana@example.org")

    try:
        fail()
    except ValueError:
        log.exception("failed")
        logging.getLogger("a.library").exception("failed too")
    for line in _lines(capsys):
        assert "ValueError: cannot use [redacted] of [email]" in str(line["exception"])
        assert secret not in str(line)


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "newPassword",
        "code",
        "access_token",
        "refreshToken",
        "client_secret",
        "Authorization",
        "Cookie",
        "set-cookie",
        "totp_secret",
        "code_verifier",
        "pin",
        "tx",
        "email",
        "first_name",
        "lastName",
        "username",
        "mobile_number",
        "to",
        "identifier",
        "payload",
        "form",
        "query",
    ],
)
def test_LX_01_a_field_is_left_out_for_its_name(name: str) -> None:
    assert redacted({name: "value"}) == {name: REDACTED}
    assert redacted({"outer": {name: "value"}}) == {"outer": {name: REDACTED}}


@pytest.mark.parametrize("name", ["event", "status_code", "route", "reason", "code_id", "kind"])
def test_harmless_fields_stay(name: str) -> None:
    assert redacted({name: "value"}) == {name: "value"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"got {JWT}!", "got [redacted]!"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer [redacted]"),
        ("Basic dXNlcjpwYXNz", "Basic [redacted]"),
        ("Set-Cookie: idp=abc; Path=/", "Set-Cookie: [redacted]"),
        ("GET /cb?code=abc&state=x&n=1", "GET /cb?code=[redacted]&state=[redacted]&n=1"),
        ("id_token_hint=abc refresh_token=d", "id_token_hint=[redacted] refresh_token=[redacted]"),
        ("smtp://user:pass@host", "smtp://user:[redacted]@host"),
        ("mail to Ana.B+c@mail.example.org.", "mail to [email]."),
        ("nothing to hide in 7 words, id 01a2010f-ca37-764b", None),
    ],
)
def test_LX_01_credentials_and_addresses_inside_of_texts_are_replaced(
    text: str, expected: str | None
) -> None:
    assert scrubbed(text) == (expected or text)


@given(st.binary(min_size=32, max_size=32))
def test_LX_01_no_secret_of_ours_passes(random: bytes) -> None:
    secret = base64.urlsafe_b64encode(random).decode().rstrip("=")
    is_varied = any(map(str.isdigit, secret)) and any(map(str.islower, secret))
    if is_varied and any(map(str.isupper, secret)):
        assert secret not in scrubbed(f"x {secret} y")


def test_gunicorn_writes_the_same_lines(
    log: structlog.typing.FilteringBoundLogger, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.config.dictConfig(gunicorn_logging("info"))
    logging.getLogger("gunicorn.error").info("Listening at: %s", "http://localhost")
    (line,) = _lines(capsys)
    assert (line["event"], line["logger"]) == ("Listening at: http://localhost", "gunicorn.error")
    for name in ("gunicorn.error", "gunicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
