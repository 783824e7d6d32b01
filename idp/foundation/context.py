"""What a use case is given: nothing reaches for a global."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from idp.foundation.clock import Clock
from idp.foundation.digests import Digests
from idp.foundation.key_ring import KeyRing
from idp.foundation.policies import Policies
from idp.foundation.sealing import Sealing
from idp.foundation.signing_keys.service import SigningKeys
from idp.settings import Settings


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from and who acts; written to every audit record."""

    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None
    actor_id: str | None = None
    actor_role: str | None = None
    session_id: str | None = None
    acr: str | None = None
    client_id: str | None = None

    @classmethod
    def system(cls, role: str) -> "Origin":
        """The origin of work that no person asked for just now: a worker, a command."""
        return cls(actor_role=role)


@dataclass(frozen=True, slots=True)
class Parts:
    """What is made once when a process starts."""

    settings: Settings
    policies: Policies
    clock: Clock
    sealing: Sealing
    digests: Digests
    audit_digests: Digests
    pepper: KeyRing
    signing_keys: SigningKeys

    def context(self, session: Session, origin: Origin, language: str = "en") -> "Context":
        """Return the context of one use case."""
        return Context(self, session, origin, language)


@dataclass(frozen=True, slots=True)
class Context:
    """The parts, one database session, who is acting, and the person's language."""

    parts: Parts
    db: Session
    origin: Origin
    language: str = "en"

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        return self.parts.clock.now()

    @property
    def settings(self) -> Settings:
        """Places and switches."""
        return self.parts.settings

    @property
    def policies(self) -> Policies:
        """The rules in force."""
        return self.parts.policies

    @property
    def clock(self) -> Clock:
        """The clock."""
        return self.parts.clock

    @property
    def sealing(self) -> Sealing:
        """Encryption at rest."""
        return self.parts.sealing

    @property
    def digests(self) -> Digests:
        """Keyed hashes."""
        return self.parts.digests

    @property
    def signing_keys(self) -> SigningKeys:
        """Keys that sign tokens."""
        return self.parts.signing_keys
