"""The provider starts as it is deployed, on each database, and leaves nothing behind."""

import httpx
import psutil
import pytest

from tests.parts.fixtures import OpenBrowserless, StartProvider
from tests.parts.postgres import PostgresServer
from tests.parts.provider import Provider
from tools.demonstration import PORTALS

pytestmark = pytest.mark.processes


def discovered(provider: Provider) -> dict[str, object]:
    address = f"{provider.url}/.well-known/openid-configuration"
    found: dict[str, object] = httpx.get(address, trust_env=False).json()
    return found


def test_on_sqlite_with_its_worker_and_portals(
    start_provider: StartProvider, browserless: OpenBrowserless
) -> None:
    provider = start_provider(has_portals=True)
    assert discovered(provider)["issuer"] == provider.url
    assert provider.accounts()["rrecipient"]["totp_secret"]
    person = browserless()
    for name in PORTALS:
        assert person.open(provider.demo.portal_url(name)).status == 200


@pytest.mark.postgres
def test_on_postgresql_two_process_groups_share_one_address(
    start_provider: StartProvider, postgres_server: PostgresServer
) -> None:
    address = postgres_server.create_database()
    provider = start_provider(database_url=address, nodes=2)
    assert discovered(provider)["issuer"] == provider.url
    provider.nodes[0].kill()
    assert discovered(provider)["issuer"] == provider.url
    provider.stop()
    postgres_server.drop_database(address)


def test_the_clock_of_every_process_can_be_moved(start_provider: StartProvider) -> None:
    provider = start_provider(has_worker=False)
    before = provider.now()
    provider.move_clock(899)
    assert (provider.now() - before).total_seconds() == pytest.approx(899, abs=5)


def test_stopping_leaves_no_process(start_provider: StartProvider) -> None:
    provider = start_provider()
    family = [psutil.Process(one.pid) for one in (*provider.nodes, *provider.workers)]
    family += [child for one in family for child in one.children(recursive=True)]
    assert len(family) >= 3
    provider.stop()
    psutil.wait_procs(family, timeout=5)
    living = [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert not living
