"""What goes back to the client: parameters, and the address they are added to."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from idp.oidc.authorization import response_mode
from idp.oidc.authorization.asked import Asked
from idp.oidc.authorization.response_mode import Mode
from idp.oidc.errors import ProtocolError


@dataclass(frozen=True, slots=True)
class Answer:
    """Parameters for a verified redirect_uri, and how they travel there."""

    redirect_uri: str
    mode: Mode
    parameters: Sequence[tuple[str, str]]

    @property
    def location(self) -> str:
        """The address with the parameters in its query; its own query stays (RFC 6749 §3.1.2)."""
        separator = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{separator}{urlencode(self.parameters)}"


def success(asked: Asked, code: str, issuer: str) -> Answer:
    """Return the answer that carries a code (RFC 6749 §4.1.2)."""
    return _answer(asked, [("code", code)], issuer)


def failure(asked: Asked, error: ProtocolError, issuer: str) -> Answer:
    """Return the answer that carries an error (RFC 6749 §4.1.2.1)."""
    names = [("error", error.error), ("error_description", error.description)]
    return _answer(asked, names, issuer)


def _answer(asked: Asked, names: Sequence[tuple[str, str]], issuer: str) -> Answer:
    # state goes back exactly as it came; iss tells the client which provider answers (RFC 9207 §2).
    state = [("state", asked.state)] if asked.state is not None else []
    parameters = (*names, *state, ("iss", issuer))
    return Answer(asked.redirect_uri, response_mode.chosen(asked), parameters)
