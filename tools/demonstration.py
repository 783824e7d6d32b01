"""The demonstration: where its four applications listen, their secrets, and what it seeds.

An agreement between `dev.py run`, config/clients.toml and the portals, by environment variables:

* the provider reads IDP_ISSUER, IDP_BIND, IDP_DATA_DIR, IDP_SECRETS_DIR and, for the addresses and
  secrets of the demonstration's clients, DEMO_<NAME>_URL and DEMO_<NAME>_SECRET_FILE;
* a portal reads PORTAL_ISSUER, PORTAL_BASE_URL, PORTAL_CLIENT_SECRET_FILE and PORTAL_DATA_DIR;
* <NAME> is PROVIDER, RECIPIENT or OPERATIONS.

Secrets are made at the first start, in files only their owner may read, and never committed.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PORTALS = ("provider", "recipient", "operations")


@dataclass(frozen=True)
class Demonstration:
    """Four applications on four neighbouring ports, with their files in one folder."""

    port_base: int
    folder: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """The provider's address."""
        return f"http://localhost:{self.port_base}"

    @property
    def ports(self) -> dict[str, int]:
        """Every port by the name of its application."""
        return {"idp": self.port_base} | {name: self.portal_port(name) for name in PORTALS}

    def portal_port(self, name: str) -> int:
        """Return a portal's port: they follow the provider's."""
        return self.port_base + 1 + PORTALS.index(name)

    def portal_url(self, name: str) -> str:
        """Return a portal's address."""
        return f"http://localhost:{self.portal_port(name)}"

    def secret_file(self, name: str) -> Path:
        """Return the file with a portal's client secret, made at the first call."""
        path = self.folder / "client-secrets" / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(32))
        return path

    def provider_environment(self) -> dict[str, str]:
        """Return the variables of the provider, its worker and its commands."""
        clients = {}
        for name in PORTALS:
            clients[f"DEMO_{name.upper()}_URL"] = self.portal_url(name)
            clients[f"DEMO_{name.upper()}_SECRET_FILE"] = str(self.secret_file(name))
        return {
            "IDP_ENVIRONMENT": "development",
            "IDP_ISSUER": self.issuer,
            "IDP_BIND": f"127.0.0.1:{self.port_base}",
            "IDP_DATA_DIR": str(self.folder),
            "IDP_SECRETS_DIR": str(self.folder / "secrets"),
            **clients,
            **self.extra,
        }

    def portal_environment(self, name: str) -> dict[str, str]:
        """Return the variables of one portal."""
        return {
            "PORTAL_ENVIRONMENT": "development",
            "PORTAL_ISSUER": self.issuer,
            "PORTAL_BASE_URL": self.portal_url(name),
            "PORTAL_CLIENT_SECRET_FILE": str(self.secret_file(name)),
            "PORTAL_DATA_DIR": str(self.folder / f"portal-{name}"),
            "PORTAL_PROVIDER_URL": self.portal_url("provider"),
            "PORTAL_RECIPIENT_URL": self.portal_url("recipient"),
            "PORTAL_OPERATIONS_URL": self.portal_url("operations"),
        }
