"""The ground floor alone: the same parts as in the provider, without its web application."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from idp.foundation import key_ring, policies
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import engine_options
from idp.foundation.digests import Digests
from idp.foundation.sealing import Sealing
from idp.foundation.signing_keys.service import SigningKeys
from idp.settings import Settings

OpenContext = Callable[[], AbstractContextManager[Context]]


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """The test's database."""
    made = create_engine(settings.database, **engine_options(settings.database))
    yield made
    made.dispose()


@pytest.fixture
def parts(settings: Settings, engine: Engine, clock: FixedClock) -> Parts:
    """What a process makes when it starts."""
    key_ring.make_missing(settings.secrets)
    rings = {name: key_ring.read(settings.secrets, name) for name in key_ring.PURPOSES}
    sealing = Sealing(rings["sealing"])
    return Parts(
        settings=settings,
        policies=policies.load(settings.policies_dir),
        clock=clock,
        sealing=sealing,
        digests=Digests(rings["digest"].first),
        audit_digests=Digests(rings["audit"].first),
        pepper=rings["pepper"],
        signing_keys=SigningKeys(lambda: Session(engine), sealing, clock),
    )


@pytest.fixture
def open_context(parts: Parts, engine: Engine) -> OpenContext:
    """Opens contexts with sessions of their own, as each request and each worker thread has."""

    @contextmanager
    def opened() -> Iterator[Context]:
        with Session(engine) as session:
            yield parts.context(session, Origin.system("test"))

    return opened


@pytest.fixture
def ctx(open_context: OpenContext) -> Iterator[Context]:
    """The test's own context."""
    with open_context() as context:
        yield context
