"""How long a fresh machine waits: set-up from nothing, then a second start."""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.parts.ports import free_ports
from tools.places import ROOT
from tools.processes import Crew

_PORTS = 4
_LONGEST_SECONDS = 600
_LEFT_OUT = (
    ".git",
    ".venv",
    ".cache",
    "node_modules",
    "var",
    "vendor",
    "__pycache__",
    "*.egg-info",
)


def first_and_second_start() -> tuple[float, float]:
    """Start `dev.py run` twice in a copy of the sources; returns the seconds to ready of each."""
    with tempfile.TemporaryDirectory(prefix="fresh-") as parent:
        copy = Path(parent) / "project"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        return _seconds_to_ready(copy), _seconds_to_ready(copy)


def _seconds_to_ready(project: Path) -> float:
    port_base = free_ports(_PORTS)
    command = [sys.executable, str(project / "dev.py"), "run", "--port-base", str(port_base)]
    started = time.monotonic()
    with Crew(project / "var" / "log") as crew:
        crew.start("dev-run", command, os.environ)
        for port in range(port_base, port_base + _PORTS):
            path = "health/ready" if port == port_base else "health"
            crew.wait_for(f"http://localhost:{port}/{path}", seconds=_LONGEST_SECONDS)
        return time.monotonic() - started
