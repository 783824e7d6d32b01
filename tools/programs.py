"""Running other programs: their output in a log, its end shown when they fail."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.places import LOGS, ROOT

# Settings of the caller's own Python that would reach into ours.
_FOREIGN = ("PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "VIRTUAL_ENV")
_SHOWN_LINES = 30
_SECONDS_TO_STOP = 20


class Failed(Exception):
    """Something could not be done; the text says what, and what to do about it."""


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the caller's environment without what would mislead our own Python, plus `extra`."""
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return kept | dict(extra or {})


def run(
    command: Sequence[str | Path],
    *,
    log: str,
    environment: Mapping[str, str] | None = None,
    shows_progress: bool = False,
) -> None:
    """Run a program to its end in the project's folder.

    log: name under var/log/ that receives the output. With `shows_progress` the program writes to
    the terminal instead, where there is one. Raises Failed with the end of the log.
    """
    words = [str(part) for part in command]
    own_environment = clean_environment(environment)
    if shows_progress and sys.stdout.isatty():
        code = subprocess.call(words, cwd=ROOT, env=own_environment)
        shown = "its messages stand above"
    else:
        path = log_path(log)
        with path.open("w") as output:
            code = subprocess.call(
                words,
                cwd=ROOT,
                env=own_environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        shown = f"the end of {path.relative_to(ROOT)}:\n{tail(path)}"
    if code:
        raise Failed(f"{Path(words[0]).name} failed (exit code {code}); {shown}")


def call(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> int:
    """Run a program on this terminal and return its exit code; stopping us stops it first."""
    words = [str(part) for part in command]
    child = subprocess.Popen(words, cwd=ROOT, env=clean_environment(environment))
    try:
        return child.wait()
    except KeyboardInterrupt:
        # SIGINT and not SIGTERM: pytest then ends its fixtures, and with them their servers.
        child.send_signal(signal.SIGINT)
        try:
            child.wait(_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            child.kill()
        raise


def log_path(name: str) -> Path:
    """Return the path of a log file, its folder made."""
    LOGS.mkdir(parents=True, exist_ok=True)
    return LOGS / f"{name}.log"


def tail(path: Path, lines: int = _SHOWN_LINES) -> str:
    """Return the last lines of a text file, indented; empty when it is not there."""
    if not path.exists():
        return ""
    text = path.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join(f"    {line}" for line in text)
