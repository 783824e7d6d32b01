"""The provider as it is deployed: real processes on a chosen database, with a clock that moves."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.parts.ports import free_ports
from tests.parts.programs import PartMissing, Program, start, wait_until
from tools.demonstration import PORTALS, Demonstration
from tools.places import ROOT, VENV_BIN
from tools.processes import answers
from tools.serving import gunicorn

_PORTS = 4  # the provider and three portals


@dataclass
class Provider:
    """A running provider, its worker and, when asked for, the three portals."""

    demo: Demonstration
    folder: Path
    clock_file: Path
    environment: Mapping[str, str]
    nodes: list[Program] = field(default_factory=list)
    workers: list[Program] = field(default_factory=list)
    portals: dict[str, Program] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Its issuer."""
        return self.demo.issuer

    def idp(self, *words: str, stdin: str = "") -> str:
        """Run an `idp` command on its database; returns what it printed.

        Raises AssertionError with its messages when it fails.
        """
        answer = subprocess.run(
            [VENV_BIN / "idp", *words],
            input=stdin,
            env=dict(self.environment),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, f"idp {' '.join(words)}:\n{answer.stdout}{answer.stderr}"
        return answer.stdout

    def accounts(self) -> dict[str, dict[str, Any]]:
        """Return the seeded accounts by username, with password and TOTP secret."""
        shown = json.loads(self.idp("demo", "show", "--json"))
        accounts = shown["accounts"] if isinstance(shown, dict) else shown
        return {str(account["username"]): account for account in accounts}

    def now(self) -> datetime:
        """Return the moment that its processes see."""
        offset = float(self.clock_file.read_text() or 0)
        return datetime.now(UTC) + timedelta(seconds=offset)

    def move_clock(self, seconds: float) -> None:
        """Move the clock of every process, portals included, forward."""
        moved = float(self.clock_file.read_text() or 0) + seconds
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(str(moved))
        fresh.replace(self.clock_file)  # nobody reads a half-written number

    def start_node(self, *, workers: int = 1, threads: int = 4) -> Program:
        """Start one more provider process group at the same address."""
        name = f"idp-{len(self.nodes)}"
        command = gunicorn(
            "wsgi:application",
            f"127.0.0.1:{self.demo.port_base}",
            self.folder / name,
            workers=workers,
            threads=threads,
        )
        node = self._start(name, [*command, "--reuse-port"], self.environment)
        self.nodes.append(node)
        # A node before this one may be what answers, so its own log has to tell of it as well.
        wait_until(lambda: "Booting worker" in node.log.read_text(), node, "worker process")
        wait_until(lambda: answers(f"{self.url}/health/ready"), node, "/health/ready")
        return node

    def start_worker(self) -> Program:
        """Start one more worker."""
        name = f"worker-{len(self.workers)}"
        worker = self._start(name, [VENV_BIN / "idp", "worker"], self.environment)
        self.workers.append(worker)
        return worker

    def start_portals(self) -> None:
        """Start the three portals."""
        for name in PORTALS:
            variables = dict(os.environ) | self.demo.portal_environment(name)
            bind = f"127.0.0.1:{self.demo.portal_port(name)}"
            application = f"portals.{name}.wsgi:application"
            command = gunicorn(application, bind, self.folder / f"portal-{name}.socket", workers=1)
            portal = self._start(f"portal-{name}", command, variables)
            self.portals[name] = portal
        for name, portal in self.portals.items():
            wait_until(lambda n=name: answers(f"{self.demo.portal_url(n)}/health"), portal, name)  # type: ignore[misc]

    def stop(self) -> None:
        """Stop everything."""
        for program in [*self.portals.values(), *self.workers, *self.nodes]:
            program.stop()

    def logs(self) -> str:
        """Return what every process wrote, for a test that failed."""
        everything = [*self.nodes, *self.workers, *self.portals.values()]
        return "\n".join(f"--- {one.name}\n{one.log.read_text()}" for one in everything)

    def _start(self, name: str, command: list[str | Path], variables: Mapping[str, str]) -> Program:
        return start(name, command, log=self.folder / f"{name}.log", environment=variables)


@contextmanager
def running_provider(
    folder: Path,
    *,
    database_url: str = "",
    nodes: int = 1,
    has_worker: bool = True,
    has_portals: bool = False,
    has_demo: bool = True,
    has_clients: bool = True,
    extra: Mapping[str, str] | None = None,
) -> Iterator[Provider]:
    """Run a provider until the `with` ends.

    folder: for its files. database_url: empty for an SQLite file there. nodes: independent process
    groups behind the one address. has_demo: seed the demonstration's accounts. has_clients:
    register its portals. extra: more environment, e.g. IDP_SMTP_URL or IDP_REDIS_URL.
    """
    clock_file = folder / "clock-offset"
    clock_file.write_text("0")
    provider = _prepared(folder, clock_file, database_url, dict(extra or {}))
    provider.demo.make_secrets()
    left_out = {"demo": not has_demo, "clients": not has_clients}
    for words in provider.demo.preparation:
        if not left_out.get(words[0]):
            provider.idp(*words)
    try:
        for _ in range(nodes):
            provider.start_node()
        if has_worker:
            provider.start_worker()
        if has_portals:
            provider.start_portals()
        yield provider
    finally:
        provider.stop()


def _prepared(folder: Path, clock_file: Path, database_url: str, extra: dict[str, str]) -> Provider:
    if not (VENV_BIN / "idp").exists():
        raise PartMissing("The idp command is missing: python3 dev.py test --setup-only brings it")
    own = {"IDP_ENVIRONMENT": "test", "IDP_CLOCK_OFFSET_FILE": str(clock_file)}
    database = {"IDP_DATABASE_URL": database_url} if database_url else {}
    demo = Demonstration(
        free_ports(_PORTS),
        folder,
        own | database | extra,
        {"PORTAL_ENVIRONMENT": "test", "PORTAL_CLOCK_OFFSET_FILE": str(clock_file)},
    )
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("IDP_")}
    return Provider(demo, folder, clock_file, inherited | demo.provider_environment())
