"""One person in four applications, and a clock that is moved by exact seconds."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from tests.journeys import steps_portals as portals
from tests.journeys import steps_provider as steps
from tests.journeys.steps import WithoutScript
from tests.journeys.steps_provider import Person
from tests.parts.browserless import Visitor
from tests.parts.provider import Provider
from tools.demonstration import PORTALS

IDP = "provider itself"
APPLICATIONS = (IDP, *PORTALS)
_IDLE = 900
_REPORTS_EVERY = 60
_TRIES_ON_A_BUSY_MACHINE = 5
_AFTER_THE_SECOND_BEGAN = 0.02


@dataclass
class Everywhere:
    """Somebody who is signed in at the provider and in the three portals."""

    walker: WithoutScript
    provider: Provider
    person: Person

    def enter(self) -> None:
        """Sign in once and open every portal."""
        self.walker.open(f"{self.provider.url}/sign-in")
        steps.sign_in(self.walker, self.provider, self.person)
        for name in PORTALS:
            portals.open_secure(self.walker, self.provider, name)
        assert self.alive() == set(APPLICATIONS)

    def act(self, where: str) -> None:
        """Open a page, as a person does."""
        path = "/account" if where == IDP else "/secure"
        self.walker.open(self.address(where) + path)
        assert urlsplit(self.walker.url).path == path, self.walker.text

    def act_within_a_second(self, where: str) -> int:
        """Act, and return the second in which it happened."""
        for _ in range(_TRIES_ON_A_BUSY_MACHINE):
            began = self.now()
            self.act(where)
            if int(began) == int(self.now()):
                return int(began)
        raise AssertionError("the machine is too slow to act within one second")

    def let_reports_arrive(self, acted: int) -> None:
        """Let the minute between two reports pass, and wait until the provider knows of both."""
        self.move_to(max(self.now(), acted + _REPORTS_EVERY + 1))
        portals.wait_until(lambda: self.ends_at() >= acted + _IDLE - 1)

    def alive(self) -> set[str]:
        """Ask each application, as its pages' scripts do, whether the session lives."""
        return {name for name in APPLICATIONS if self.status(name)["active"]}

    def alive_at(self, second: int) -> set[str] | None:
        """Ask all within one second; None when the machine was too slow for that."""
        self.move_to(second + _AFTER_THE_SECOND_BEGAN)
        found = self.alive()
        return found if self.now() < second + 1 else None

    def ends_at(self) -> int:
        """Return the second at which the provider will end the session."""
        asked = self.now()
        return int(asked) + int(self.status(IDP)["seconds_left"])

    def status(self, where: str) -> dict[str, int]:
        """Ask how long the session lives."""
        answer = self.walker.visitor.open(self.address(where) + "/session/status")
        found: dict[str, int] = answer.response.json()
        return found

    def address(self, where: str) -> str:
        """Return an application's address."""
        return self.provider.url if where == IDP else self.provider.demo.portal_url(where)

    def now(self) -> float:
        """Return the applications' moment in seconds."""
        return self.provider.now().timestamp()

    def move_to(self, second: float) -> None:
        """Move the clock forward to a moment; stays when that is over already."""
        wanted = timedelta(seconds=second - self.now()).total_seconds()
        if wanted > 0:
            self.provider.move_clock(wanted)


def authorization_address(visitor: Visitor, provider: Provider, name: str) -> str:
    """Return where a portal sends a fresh visitor to sign in."""
    walker = WithoutScript(visitor)
    address = provider.demo.portal_url(name)
    walker.open(f"{address}/secure")
    form = next(form for form in walker.answer.forms if form.action == "/notice")
    visitor.send("POST", f"{address}/notice", form.values(), came_from=walker.url, follow=False)
    return visitor.open(f"{address}/sign-in", follow=False).location
