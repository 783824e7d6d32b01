"""Programs that a test starts; none outlives the test run, even one that is killed."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from tools.places import ROOT
from tools.programs import tail

_SECONDS_TO_STOP = 10


class PartMissing(Exception):
    """A real part is not there or does not start; the text says what to do."""


@dataclass
class Program:
    """One running program with its log."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path
    stop_signal: signal.Signals

    @property
    def pid(self) -> int:
        """Its process id, which is also the id of its process group."""
        return self.process.pid

    def is_running(self) -> bool:
        """Tell whether it still runs."""
        return self.process.poll() is None

    def kill(self) -> None:
        """Take it and its children away at once, as a power cut would; all are gone then."""
        family = self._children()
        self._signal(signal.SIGKILL)
        self.process.wait()
        while any(_is_alive(child) for child in family):
            time.sleep(0.005)

    def _children(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            return psutil.Process(self.pid).children(recursive=True)
        return []

    def stop(self) -> None:
        """Ask it to end; after ten seconds take it away."""
        if self.is_running():
            self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_SECONDS_TO_STOP)
        self.kill()

    def fail(self, what: str) -> PartMissing:
        """Return the error to raise, with the end of the program's log."""
        return PartMissing(f"{self.name}: {what}. The end of its log:\n{tail(self.log)}")

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def _is_alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Program:
    """Start a program in a process group of its own, its output appended to `log`.

    user: name of the account to run as (only root may choose one).
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*_ending_with_us(stop_signal), *(str(part) for part in command)],
            cwd=ROOT if user is None else "/",
            env=dict(os.environ if environment is None else environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user,
            extra_groups=[] if user else None,
        )
    return Program(name, process, log, stop_signal)


def wait_until(
    condition: Callable[[], bool], program: Program, what: str, *, seconds: float = 30
) -> None:
    """Wait until a condition holds. Raises PartMissing when the program dies or time is up."""
    end = time.monotonic() + seconds
    while not condition():
        if not program.is_running():
            raise program.fail(f"ended by itself before {what}")
        if time.monotonic() > end:
            raise program.fail(f"no {what} within {seconds:.0f} seconds")
        time.sleep(0.03)


def _ending_with_us(number: signal.Signals) -> list[str]:
    """Return the words that make Linux signal a program when the test run dies.

    util-linux's setpriv does it, which even a minimal Debian has; without it only a test run that
    is killed leaves programs behind.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", number.name.removeprefix("SIG"), "--"] if setpriv else []
