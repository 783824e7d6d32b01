"""`dev.py run`: the provider, its worker and three portals on this machine, until Ctrl-C."""

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tools import programs
from tools.demonstration import PORTALS, Demonstration
from tools.places import DEVELOPMENT, LOGS, ROOT, VENV_BIN, VENV_PYTHON
from tools.processes import Crew
from tools.programs import Failed, clean_environment
from tools.steps import Step
from tools.steps import carry_out as carry_out_steps

# What decides the rows that are there at the start; a change elsewhere needs no new seeding.
PROVIDER = "wsgi:application"
_SEEDED_FROM = (
    "config/*.toml",
    "idp/cli/*.py",
    "idp/oidc/clients/*.py",
    "idp/people/**/*.py",
    "migrations/**/*.py",
    "policies/**/*",
)


def serve(port_base: int) -> int:
    """Start everything, print where it is, and stay until stopped. Raises Failed."""
    started = time.monotonic()
    demo = Demonstration(port_base, DEVELOPMENT)
    _check_ports(demo)
    environment = clean_environment(demo.provider_environment())
    carry_out_steps([_seed(demo, environment)])
    with tempfile.TemporaryDirectory(prefix="idp-") as sockets, Crew(LOGS) as crew:
        _start(crew, demo, environment, Path(sockets))
        crew.wait_for(f"{demo.issuer}/health/ready")
        for name in PORTALS:
            crew.wait_for(f"{demo.portal_url(name)}/health")
        print(f"Everything answers ({time.monotonic() - started:.1f} s).\n", flush=True)
        print(_table(demo, environment), flush=True)
        while True:
            crew.check()
            time.sleep(0.5)


def gunicorn(
    application: str, bind: str, control_socket: Path, *, workers: int, threads: int = 4
) -> list[str | Path]:
    """Return the command that serves a WSGI application.

    control_socket: a path of our own, since the default is one place for all of a person's servers.
    """
    is_provider = application == PROVIDER
    configuration: list[str | Path] = ["--config", "config/gunicorn.py"] if is_provider else []
    return [
        VENV_PYTHON,
        "-m",
        "gunicorn",
        "--bind",
        bind,
        "--worker-class",
        "gthread",
        "--workers",
        str(workers),
        "--threads",
        str(threads),
        "--control-socket",
        control_socket,
        *configuration,
        application,
    ]


def _check_ports(demo: Demonstration) -> None:
    for name, port in demo.ports.items():
        if not _is_free(port):
            raise Failed(
                f"Port {port} (for {name}) is taken by another program. Stop that program, or "
                f"choose four free ports: python3 dev.py run --port-base {demo.port_base + 100}"
            )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _seed(demo: Demonstration, environment: Mapping[str, str]) -> Step:
    """Return the step that brings the demonstration's database up to date."""

    def bring_up_to_date() -> None:
        demo.make_secrets()
        for words in demo.preparation:
            log = f"run-{words[0]}-{words[1]}"
            programs.run([VENV_BIN / "idp", *words], log=log, environment=environment)

    sources = sorted(
        path for pattern in _SEEDED_FROM for path in ROOT.glob(pattern) if path.is_file()
    )
    # A database elsewhere may have been emptied without our knowing: then it is done each time.
    elsewhere = str(time.monotonic_ns()) if environment.get("IDP_DATABASE_URL") else ""
    return Step(
        "demonstration",
        "Database, clients and accounts of the demonstration",
        bring_up_to_date,
        (str(demo), elsewhere, *sources),
        (demo.folder / "idp.sqlite3",),
    )


def _start(crew: Crew, demo: Demonstration, environment: Mapping[str, str], sockets: Path) -> None:
    provider = gunicorn(PROVIDER, f"127.0.0.1:{demo.port_base}", sockets / "idp", workers=2)
    crew.start("idp", provider, environment)
    crew.start("worker", [VENV_BIN / "idp", "worker"], environment)
    for name in PORTALS:
        bind = f"127.0.0.1:{demo.portal_port(name)}"
        portal = gunicorn(f"portals.{name}.wsgi:application", bind, sockets / name, workers=1)
        crew.start(f"portal-{name}", portal, clean_environment(demo.portal_environment(name)))


def _table(demo: Demonstration, environment: Mapping[str, str]) -> str:
    places = [
        ("Provider", demo.issuer),
        *((f"{name.title()} portal", demo.portal_url(name)) for name in PORTALS),
        ("Mailbox", f"{demo.issuer}/dev/mailbox"),
        ("Logs", os.path.relpath(LOGS)),
    ]
    lines = [f"  {name:<18} {place}" for name, place in places]
    return "\n".join([*lines, "", *_accounts(environment), "", "Ctrl-C stops everything."])


def _accounts(environment: Mapping[str, str]) -> list[str]:
    """Return a line for each seeded account, as `idp demo show --json` tells them."""
    answer = subprocess.run(
        [VENV_BIN / "idp", "demo", "show", "--json"],
        env=dict(environment),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        return [f"  The accounts could not be read:\n{answer.stderr}"]
    shown = json.loads(answer.stdout)
    accounts = shown["accounts"] if isinstance(shown, dict) else shown
    columns = ("username", "password", "totp_secret", "totp_code")
    rows = [[str(account.get(column) or "") for column in columns] for account in accounts]
    rows.insert(0, ["Username", "Password", "TOTP secret", "Code now"])
    widths = [max(len(row[place]) for row in rows) for place in range(len(columns))]
    return ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
