"""What one process ends is over in every other at once (case SE-07)."""

import time
from collections.abc import Iterator

import pytest

from tests.journeys import steps_provider as steps
from tests.journeys.steps import WithoutScript
from tests.parts.fixtures import OpenBrowserless
from tests.parts.postgres import PostgresServer
from tests.parts.provider import Provider, running_provider

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

_QUESTIONS = 12  # enough that either process answers some


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def provider(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Provider]:
    """Two groups of processes at one address, on either database."""
    folder = tmp_path_factory.mktemp("ended")
    if request.param == "sqlite":
        with running_provider(folder, nodes=2) as running:
            yield running
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    address = server.create_database()
    with running_provider(folder, database_url=address, nodes=2) as running:
        yield running
    server.drop_database(address)


def signed_in(browserless: OpenBrowserless, provider: Provider, username: str) -> WithoutScript:
    """Return a browser that is signed in, and each of whose requests is dealt anew."""
    visitor = browserless()
    visitor.client.headers["Connection"] = "close"
    walker = WithoutScript(visitor)
    walker.open(f"{provider.url}/sign-in")
    steps.sign_in(walker, provider, steps.seeded(provider, username))
    assert walker.heading == "Your account", walker.text
    return walker


def is_alive(walker: WithoutScript, provider: Provider) -> bool:
    """Ask one of the processes whether the browser is signed in."""
    answer = walker.visitor.open(f"{provider.url}/session/status")
    return bool(answer.response.json()["active"])


def test_SE_07_ending_all_others_holds_in_every_process_within_a_second(
    browserless: OpenBrowserless, provider: Provider
) -> None:
    username = next(iter(provider.accounts()))
    phone = signed_in(browserless, provider, username)
    laptop = signed_in(browserless, provider, username)
    assert all(is_alive(phone, provider) for _ in range(_QUESTIONS))
    laptop.open(f"{provider.url}/account/sessions")
    laptop.send({}, "End every other sign-in")
    ended_at = time.monotonic()
    alive = is_alive(phone, provider)
    assert time.monotonic() - ended_at < 1
    assert not alive
    assert not any(is_alive(phone, provider) for _ in range(_QUESTIONS))
    assert all(is_alive(laptop, provider) for _ in range(_QUESTIONS))
