"""What an application asks for: its parameters and, once found, who it is and where answers go."""

from dataclasses import dataclass

from idp.oidc.clients.client import Client
from idp.oidc.logout.hint import Hint
from idp.oidc.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose client and redirect_uri have been verified; the rest is checked in turn.

    hint: what a valid id_token_hint says. is_pushed: it came by the pushed request endpoint.
    """

    parameters: Parameters
    client: Client
    redirect_uri: str
    hint: Hint | None = None
    is_pushed: bool = False

    def get(self, name: str) -> str | None:
        """Return a parameter, or None where it was left out."""
        return self.parameters.get(name)

    @property
    def state(self) -> str | None:
        """What goes back unchanged with every answer; unknown where it was sent twice."""
        return None if "state" in self.parameters.repeated else self.get("state")
