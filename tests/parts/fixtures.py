"""Fixtures of the real parts; a server starts when a test first asks for it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from tests.parts.browserless import Visitor, WSGIApplication
from tests.parts.chromium import Chromium, running_chromium
from tests.parts.postgres import PostgresServer, start_postgres
from tests.parts.provider import Provider, running_provider
from tests.parts.smtp import SmtpSink
from tests.parts.valkey import ValkeyServer, start_valkey

StartProvider = Callable[..., Provider]
OpenBrowserless = Callable[..., Visitor]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The real PostgreSQL of this test process."""
    server = start_postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    """The real Valkey of this test process."""
    server = start_valkey()
    yield server
    server.stop()


@pytest.fixture
def valkey(valkey_server: ValkeyServer) -> ValkeyServer:
    """The real Valkey, running and empty."""
    if not valkey_server.answers():
        valkey_server.start()
    valkey_server.empty()
    return valkey_server


@pytest.fixture
def smtp() -> Iterator[SmtpSink]:
    """A real SMTP server of the test's own."""
    sink = SmtpSink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture(scope="session")
def running_browser() -> Iterator[Chromium]:
    """The real Chromium of this test process."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def chromium(running_browser: Chromium) -> Iterator[Chromium]:
    """The real Chromium; a test fails when a page's console complains (CSP, script errors)."""
    running_browser.complaints.clear()
    yield running_browser
    running_browser.close_all()
    assert not running_browser.complaints, "\n".join(running_browser.complaints)


@pytest.fixture
def start_provider(tmp_path: Path) -> Iterator[StartProvider]:
    """Start real providers; takes the options of tests.parts.provider.running_provider."""
    with ExitStack() as stack:

        def start(**options: object) -> Provider:
            folder = tmp_path / f"provider-{len(list(tmp_path.glob('provider-*')))}"
            folder.mkdir()
            entered: AbstractContextManager[Provider] = running_provider(folder, **options)  # type: ignore[arg-type]
            return stack.enter_context(entered)

        yield start


@pytest.fixture
def browserless() -> Iterator[OpenBrowserless]:
    """Open browsers without JavaScript; takes the arguments of Visitor."""
    with ExitStack() as stack:

        def open_one(
            applications: dict[str, WSGIApplication] | None = None, language: str = "en"
        ) -> Visitor:
            visitor = Visitor(applications, language)
            stack.callback(visitor.close)
            return visitor

        yield open_one
