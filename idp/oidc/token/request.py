"""A request of a program to one of our endpoints, as read from its bytes."""

from dataclasses import dataclass

from authlib.oauth2.rfc6749 import OAuth2Request

from idp.foundation.context import Context
from idp.oidc.parameters import Parameters


@dataclass(frozen=True, slots=True)
class ProgramRequest:
    """The context, the parameters of the body (never of the address), and the Authorization header.

    RFC 6749 §2.3.1: parameters "MUST NOT be included in the request URI".
    """

    ctx: Context
    parameters: Parameters
    authorization: str | None

    def get(self, name: str) -> str | None:
        """Return a parameter, or None where it was left out."""
        return self.parameters.get(name)


class TokenRequest(OAuth2Request):
    """Carries our own parsed request through Authlib's calls."""

    def __init__(self, program: ProgramRequest) -> None:
        # Authlib looks at the scheme of this address alone. Cleartext is refused when the process
        # starts (settings), loopback in development excepted, so it is told https here.
        super().__init__("POST", "https://provider.invalid/oidc/token")
        self.program = program
