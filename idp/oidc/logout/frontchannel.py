"""Which pages of applications are loaded when a session ends in this browser.

OpenID Connect Front-Channel Logout 1.0 §2 and §3.
"""

from urllib.parse import urlencode

from idp.foundation.context import Context
from idp.oidc.clients.directory import ClientDirectory
from idp.people.sessions import service as sessions
from idp.people.sessions.service import CurrentSession


class FrontChannel:
    """Knows the addresses of the applications that take part in a session."""

    def __init__(self, directory: ClientDirectory) -> None:
        self._directory = directory

    def addresses(self, ctx: Context, session: CurrentSession) -> list[str]:
        """Return the address of each application that registered one, with iss and sid.

        Both are always added, so that no other site can sign a person out by framing the address
        (§3: "The RP MAY verify that any iss and sid parameters match").
        """
        told = (self._directory.find(ctx, name) for name in sessions.clients_of(ctx, session.id))
        addresses = [one.frontchannel_logout_uri for one in told if one]
        query = urlencode({"iss": ctx.settings.issuer, "sid": session.sid})
        return [f"{one}{'&' if '?' in one else '?'}{query}" for one in addresses if one]
