"""The ground floor alone: the same parts as in the provider, without its web application."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from idp.foundation.clock import Clock
from idp.foundation.context import Context, Parts
from idp.foundation.logging import set_up_logging
from idp.settings import Settings
from tests.flows.foundation.ground import (
    CountingSink,
    OpenContext,
    add_sample_mails,
    make_engine,
    make_parts,
    opener,
)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """The test's database."""
    made = make_engine(settings)
    yield made
    made.dispose()


@pytest.fixture
def parts(settings: Settings, engine: Engine, clock: Clock) -> Parts:
    """What a process makes when it starts."""
    set_up_logging(settings)
    return make_parts(settings, engine, clock)


@pytest.fixture
def open_context(parts: Parts, engine: Engine) -> OpenContext:
    """Opens contexts with sessions of their own."""
    return opener(parts, engine)


@pytest.fixture
def ctx(open_context: OpenContext) -> Iterator[Context]:
    """The test's own context."""
    with open_context() as context:
        yield context


@pytest.fixture
def smtp() -> Iterator[CountingSink]:
    """A real SMTP server of the test's own."""
    sink = CountingSink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def sample_mails() -> None:
    """The templates of tests/flows/foundation/templates."""
    add_sample_mails()
