"""Programs that run beside each other: started in groups of their own, watched, and stopped."""

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.places import ROOT
from tools.programs import Failed, tail

_SECONDS_TO_STOP = 10
_HTTP_OK = 200


@dataclass(frozen=True)
class Child:
    """One running program and the file that keeps what it says."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def is_alive(self) -> bool:
        """Tell whether it still runs."""
        return self.process.poll() is None

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to it and to all it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


class Crew:
    """The programs somebody started together; leaving the `with` stops them all."""

    def __init__(self, logs: Path) -> None:
        """logs: folder for a log file of each program."""
        self.children: list[Child] = []
        self._logs = logs
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything, whatever happened."""
        self.stop()

    def start(
        self, name: str, command: Sequence[str | Path], environment: Mapping[str, str]
    ) -> Child:
        """Start a program in its own process group, its output in `<name>.log`."""
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self.children.append(child)
        return child

    def check(self) -> None:
        """Raise Failed, with the end of its log, if a program has ended by itself."""
        for child in self.children:
            if not child.is_alive():
                code = child.process.returncode
                raise Failed(
                    f"{child.name} ended by itself (exit code {code}). The end of {child.log}:\n"
                    f"{tail(child.log)}"
                )

    def wait_for(self, url: str, *, seconds: float = 60) -> None:
        """Wait until an address answers 200. Raises Failed after `seconds` or when one dies."""
        end = time.monotonic() + seconds
        while not answers(url):
            self.check()
            if time.monotonic() > end:
                logs = "\n".join(f"{child.log}:\n{tail(child.log, 12)}" for child in self.children)
                raise Failed(f"{url} did not answer within {seconds:.0f} seconds.\n{logs}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask every program to end, the last started first; make those end that do not."""
        for child in reversed(self.children):
            child.signal_group(signal.SIGTERM)
        end = time.monotonic() + _SECONDS_TO_STOP
        for child in reversed(self.children):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, end - time.monotonic()))
            child.signal_group(signal.SIGKILL)
            child.process.wait()
        self.children.clear()


def answers(url: str) -> bool:
    """Tell whether an address of this machine answers 200 within two seconds."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as response:
            return bool(response.status == _HTTP_OK)
    except (urllib.error.URLError, OSError):
        return False
