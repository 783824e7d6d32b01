"""The demonstration: where its four applications listen, their secrets, and what it seeds.

An agreement between `dev.py run`, config/clients.toml and the portals, by environment variables:

* the provider reads IDP_ISSUER, IDP_BIND, IDP_DATA_DIR and IDP_SECRETS_DIR;
* config/clients.toml and every portal read where the portals are: <NAME>_PORTAL_URL, where <NAME>
  is PROVIDER, RECIPIENT or OPERATIONS;
* a portal reads PORTAL_ISSUER, PORTAL_BASE_URL, PORTAL_CLIENT_SECRET_FILE and PORTAL_DATA_DIR;
* `idp clients sync --secrets-dir FOLDER` takes a client's secret from FOLDER/<client id>.

Secrets are made at the first start, in files only their owner may read, and never committed.
"""

import json
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
    portal_extra: Mapping[str, str] = field(default_factory=dict)

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

    @property
    def client_secrets(self) -> Path:
        """The folder with a file for each portal's client secret, named by the client's id."""
        return self.folder / "client-secrets"

    def secret_file(self, name: str) -> Path:
        """Return the file with a portal's client secret, made at the first call."""
        path = self.client_secrets / f"{name}-portal"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(32))
        return path

    def make_secrets(self) -> None:
        """Make the client secrets that do not exist yet."""
        for name in PORTALS:
            self.secret_file(name)

    @property
    def preparation(self) -> tuple[tuple[str, ...], ...]:
        """The `idp` commands that bring the database up to date, in their order."""
        return (
            ("db", "upgrade"),
            ("clients", "sync", "--secrets-dir", str(self.client_secrets)),
            ("demo", "seed"),
        )

    def provider_environment(self) -> dict[str, str]:
        """Return the variables of the provider, its worker and its commands."""
        return {
            "IDP_ENVIRONMENT": "development",
            "IDP_ISSUER": self.issuer,
            "IDP_BIND": f"127.0.0.1:{self.port_base}",
            "IDP_DATA_DIR": str(self.folder),
            "IDP_SECRETS_DIR": str(self.folder / "secrets"),
            "IDP_BACKCHANNEL_HOSTS": json.dumps(
                [f"localhost:{self.portal_port(name)}" for name in PORTALS]
            ),
            # glibc would keep 19 MiB for each thread that ever hashed a password, 75 MiB a worker;
            # given back each time, in huge pages, they cost a hash next to nothing.
            "GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=1048576:glibc.malloc.hugetlb=1",
            **self._addresses,
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
            **self._addresses,
            **self.portal_extra,
        }

    @property
    def _addresses(self) -> dict[str, str]:
        return {f"{name.upper()}_PORTAL_URL": self.portal_url(name) for name in PORTALS}
