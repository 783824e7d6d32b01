"""Making the parts of the ground floor without the web application."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from jinja2 import ChoiceLoader, FileSystemLoader
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from idp.foundation import key_ring, policies
from idp.foundation.clock import Clock
from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import engine_options
from idp.foundation.digests import Digests
from idp.foundation.mail import rendering
from idp.foundation.sealing import Sealing
from idp.foundation.signing_keys.service import SigningKeys
from idp.settings import Settings
from tests.parts.smtp import SmtpSink

_SAMPLES = Path(__file__).parent / "templates"

OpenContext = Callable[[], AbstractContextManager[Context]]


def make_engine(settings: Settings) -> Engine:
    """Connect to the database of the settings."""
    return create_engine(settings.database, **engine_options(settings.database))


def make_parts(settings: Settings, engine: Engine, clock: Clock) -> Parts:
    """Make what a process makes when it starts."""
    key_ring.make_missing(settings.secrets)
    rings = {name: key_ring.read(settings.secrets, name) for name in key_ring.PURPOSES}
    sealing, in_force = Sealing(rings["sealing"]), policies.load(settings.policies_dir)
    return Parts(
        settings=settings,
        policies=in_force,
        clock=clock,
        sealing=sealing,
        digests=Digests(rings["digest"].first),
        audit_digests=Digests(rings["audit"].first),
        pepper=rings["pepper"],
        signing_keys=SigningKeys(lambda: Session(engine), sealing, clock, in_force.tokens),
    )


def opener(parts: Parts, engine: Engine) -> OpenContext:
    """Open contexts with sessions of their own, as each request and each worker thread has."""

    @contextmanager
    def opened() -> Iterator[Context]:
        with Session(engine) as session:
            yield parts.context(session, Origin.system("test"))

    return opened


def add_sample_mails() -> None:
    """Let the mails of tests/flows/foundation/templates be sent beside the product's own."""
    environment = rendering._environment()
    loaders = [FileSystemLoader(rendering._TEMPLATES), FileSystemLoader(_SAMPLES)]
    environment.loader = ChoiceLoader(loaders)


class CountingSink(SmtpSink):
    """A mail server that also tells how many messages it has begun to take."""

    received = 0

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:
        self.received += 1
        return await super().handle_DATA(server, session, envelope)
