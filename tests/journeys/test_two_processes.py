"""The whole way on PostgreSQL, while two groups of processes answer at one address."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys import steps_way as way
from tests.journeys.steps import InBrowser, WithoutScript
from tests.journeys.steps_provider import newcomer
from tests.parts.fixtures import OpenBrowserless
from tests.parts.postgres import PostgresServer
from tests.parts.programs import Program
from tests.parts.provider import Provider, running_provider

pytestmark = [pytest.mark.postgres, pytest.mark.processes, pytest.mark.timeout(300)]

# Told by one group and asked of the other sooner or later: nothing of a way may live in a process.
# The kernel deals the connections; one more walk where one group had all of a kind by chance.
_WALKS = 6
_TELLING = {"/register/details", "/register/contact", "/register/password", "/mfa/enroll/app"}


@pytest.fixture(scope="module")
def provider(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> Iterator[Provider]:
    """Two provider groups and two workers on one PostgreSQL database, and the portals."""
    address = postgres_server.create_database()
    folder: Path = tmp_path_factory.mktemp("two")
    with running_provider(folder, database_url=address, nodes=2, has_portals=True) as running:
        running.start_worker()
        yield running
    postgres_server.drop_database(address)


@pytest.mark.browser
def test_a_citizen_in_a_browser_never_notices_that_there_are_two(
    citizen: InBrowser, provider: Provider
) -> None:
    person = newcomer()
    tab = way.become_somebody(citizen, provider, person, way.by_the_link)
    way.enter_the_others(tab, provider, person)
    way.leave_everywhere(tab, provider)
    assert all(map(requests, provider.nodes))


@pytest.mark.parametrize("confirm", [way.by_the_link, way.by_the_code])
def test_any_request_may_hit_either(
    browserless: OpenBrowserless, provider: Provider, confirm: way.Confirm
) -> None:
    before = [requests(node) for node in provider.nodes]
    for _ in range(_WALKS):
        visitor = browserless(language="es")
        visitor.client.headers["Connection"] = "close"  # so that each request is dealt anew
        walker = WithoutScript(visitor, "es")
        person = newcomer()
        tab = way.become_somebody(walker, provider, person, confirm)
        way.enter_the_others(tab, provider, person)
        way.leave_everywhere(tab, provider)
        answered = [
            requests(node) - earlier for node, earlier in zip(provider.nodes, before, strict=True)
        ]
        if all(_TELLING & set(each) and each["/oidc/token"] for each in answered):
            return
    raise AssertionError(answered)


def requests(node: Program) -> Counter[str]:
    """Count the requests that a group of processes answered, by their route."""
    lines = (line for line in node.log.read_text().splitlines() if '"event": "request"' in line)
    return Counter(json.loads(line)["route"] for line in lines)
