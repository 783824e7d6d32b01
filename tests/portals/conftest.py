"""Portals inside the test's own process, against a provider over real HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import BytecodeCache

from portals.shared.app import create_portal
from portals.shared.clock import FixedClock
from tests.parts.browserless import Visitor
from tests.portals import fake_provider
from tests.portals.fake_provider import FakeProvider
from tests.portals.story import SITES, START, URLS, Person, Portals, settings_of


@pytest.fixture
def clock() -> FixedClock:
    """A clock of whole seconds that stands still until the test moves it."""
    return FixedClock(START)


@pytest.fixture
def provider(clock: FixedClock) -> Iterator[FakeProvider]:
    """The provider, honest until the test bends it."""
    with fake_provider.running(clock) as running:
        yield running


@pytest.fixture
def patience() -> dict[str, float]:
    """How long the portals wait for the provider: as in production, unless a test file says."""
    return {}


@pytest.fixture
def portals(
    provider: FakeProvider,
    clock: FixedClock,
    tmp_path: Path,
    patience: dict[str, float],
    compiled_pages: BytecodeCache,
) -> Portals:
    """The three portals; reports are sent when the test says so, not by the thread."""
    made = Portals({}, clock)
    for key, site in SITES.items():
        settings = settings_of(key, provider.issuer, tmp_path, **patience)
        made.apps[key] = create_portal(site, settings, clock)
        made.apps[key].jinja_env.bytecode_cache = compiled_pages
        made.parts(key).reporter.stop()
    return made


@pytest.fixture
def person(portals: Portals) -> Iterator[Person]:
    """A person with an English browser."""
    visitor = Visitor({URLS[key]: app for key, app in portals.apps.items()})
    yield Person(visitor, portals)
    visitor.close()


@pytest.fixture
def somebody_else(portals: Portals) -> Iterator[Person]:
    """Another person with a Spanish browser."""
    visitor = Visitor({URLS[key]: app for key, app in portals.apps.items()}, language="es")
    yield Person(visitor, portals)
    visitor.close()
