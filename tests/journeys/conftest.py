"""What the stories share: the whole demonstration as real processes, started once."""

from collections.abc import Generator, Iterator

import pytest

from tests.journeys.steps import InBrowser
from tests.parts.chromium import Chromium
from tests.parts.provider import Provider, running_provider

_MOST_OF_THE_LOGS = 12_000


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """The provider, its worker and the three portals, seeded.

    Stories share it: each signs in people and sessions of its own, and the clock moves forward
    only.
    """
    with running_provider(tmp_path_factory.mktemp("journeys"), has_portals=True) as running:
        yield running


@pytest.fixture
def citizen(chromium: Chromium) -> InBrowser:
    """Somebody at a fresh browser in English."""
    return InBrowser(chromium.person())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the processes wrote beside a story that failed."""
    report = yield
    provider = getattr(item, "funcargs", {}).get("provider")
    if report.failed and isinstance(provider, Provider):
        report.sections.append(("processes", provider.logs()[-_MOST_OF_THE_LOGS:]))
    return report
