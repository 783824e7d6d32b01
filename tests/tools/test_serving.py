"""`dev.py run` says plainly what is wrong, and leaves nothing behind."""

import socket
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.parts.ports import free_ports
from tools import serving
from tools.demonstration import PORTALS, Demonstration
from tools.processes import Crew
from tools.programs import Failed


def test_a_port_taken_by_somebody_else_is_named_with_a_way_out() -> None:
    base = free_ports(4)
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", base + 2))
        somebody.listen()
        with pytest.raises(Failed, match=f"Port {base + 2} .*recipient.*--port-base") as failure:
            serving.serve(base)
    assert "taken by another program" in str(failure.value)


def test_a_program_that_dies_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    with Crew(tmp_path) as crew:
        crew.start("broken", [sys.executable, "-c", "raise SystemExit('no such table')"], {})
        with pytest.raises(Failed, match=r"(?s)broken ended by itself.*no such table"):
            crew.wait_for("http://127.0.0.1:9/")


PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("up", flush=True)
time.sleep(60)
"""


def test_leaving_stops_a_program_and_all_it_started(tmp_path: Path) -> None:
    with Crew(tmp_path) as crew:
        parent = crew.start("parent", [sys.executable, "-c", PARENT], {})
        end = time.monotonic() + 10
        while "up" not in parent.log.read_text():
            assert time.monotonic() < end
            time.sleep(0.02)
        family = [psutil.Process(parent.process.pid)]
        family += family[0].children(recursive=True)
    assert len(family) == 2
    psutil.wait_procs(family, timeout=5)
    living = [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert not living


def test_client_secrets_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    demo = Demonstration(8000, tmp_path)
    demo.make_secrets()
    first = {name: demo.secret_file(name).read_text() for name in PORTALS}
    demo.make_secrets()
    assert first == {name: demo.secret_file(name).read_text() for name in PORTALS}
    assert len(set(first.values())) == len(PORTALS)
    assert all(demo.secret_file(name).stat().st_mode & 0o077 == 0 for name in PORTALS)
