"""What the provider says of itself: OpenID Connect Discovery 1.0, read again every ten minutes."""

from collections.abc import Callable, Mapping
from typing import Any

import requests
from authlib.integrations.flask_client import FlaskOAuth2App

from portals.shared.bounded_http import BoundedSession
from portals.shared.clock import Clock
from portals.shared.refusals import ProviderUnreachable

_FRESH_SECONDS = 600
_NEEDED = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
_ENDPOINTS = (*_NEEDED, "end_session_endpoint", "activity_endpoint")


class DiscoveredApp(FlaskOAuth2App):
    """Authlib's Flask client whose metadata is checked, and renewed while the portal runs."""

    client_cls = BoundedSession
    clock: Clock
    issuer: str
    may_use: Callable[[str], bool]
    _read_at: int | None = None

    def _on_update_token(self, *_token: object, **_predecessors: object) -> None:
        """Renewed tokens are kept by `grants`, which asked for them; nobody else is told."""

    def load_server_metadata(self) -> dict[str, Any]:
        """Return the provider's metadata; raises ProviderUnreachable when none was ever read."""
        now = self.clock.now()
        if self._read_at is None or now - self._read_at >= _FRESH_SECONDS:
            self._renew(now)
        return dict(self.server_metadata)

    def _renew(self, now: int) -> None:
        try:
            read = self._fetch()
        except ProviderUnreachable:
            if self._read_at is None:
                raise
        else:
            self.server_metadata = read
        self._read_at = now

    def _fetch(self) -> dict[str, Any]:
        address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            with self._get_session() as session:  # type: ignore[no-untyped-call]  # Authlib ships no types
                answer = session.request("GET", address, withhold_token=True)
            answer.raise_for_status()
            return self._checked(answer.json())
        except (requests.RequestException, ValueError) as error:
            raise ProviderUnreachable("discovery") from error

    def _checked(self, read: object) -> dict[str, Any]:
        """Keep the endpoints alone, and only when this is the issuer that was configured.

        OpenID Connect Discovery 1.0 section 4.3: the issuer must be the very string it was
        asked for. Authlib would hand every other member to the HTTP session as an option.
        """
        if not isinstance(read, Mapping) or read.get("issuer") != self.issuer:
            raise ValueError("the metadata belongs to another issuer")
        kept = {name: read[name] for name in _ENDPOINTS if name in read}
        if not all(name in kept for name in _NEEDED):
            raise ValueError("the metadata lacks an endpoint")
        if not all(isinstance(address, str) and self.may_use(address) for address in kept.values()):
            raise ValueError("an endpoint is not safe to talk to")
        return {"issuer": self.issuer, **kept}
