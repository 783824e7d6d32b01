"""Every check of the project: style, types, imports, then the tests with their coverage."""

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools import node
from tools.places import VENV_BIN, VENV_PYTHON
from tools.programs import call

_PYTEST = (VENV_PYTHON, "-m", "pytest")
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - its folder here has a name of this process
_ROOM = 2 * 1024**3
_COVERAGE = ("--cov", "--cov-report=term:skip-covered", "--cov-report=html")
_QUICK = (
    "tests/unit",
    "tests/flows",
    "tests/oidc",
    "-m",
    "not (browser or postgres or valkey or processes)",
)


@dataclass(frozen=True)
class Check:
    """One program whose exit code says whether the check passed."""

    name: str
    command: Sequence[str | Path]


STATIC = (
    Check("style (ruff check)", (VENV_BIN / "ruff", "check")),
    Check("layout (ruff format)", (VENV_BIN / "ruff", "format", "--check")),
    Check("types (mypy)", (VENV_BIN / "mypy",)),
    Check("floors (lint-imports)", (VENV_BIN / "lint-imports", "--no-cache")),
)


def carry_out(*, is_quick: bool, chosen: list[str]) -> int:
    """Run the checks and sum them up; returns 0 when all passed.

    chosen: arguments for pytest; with any, only pytest runs.
    """
    if chosen:
        return _run(Check("tests", (*_PYTEST, *chosen)))[0]
    with _quick_folder() as folder:
        tests = _tests(folder, is_quick=is_quick)
        results = [(check, *_run(check)) for check in (*STATIC, tests)]
    print("\nSummary")
    for check, code, seconds in results:
        print(f"  {'passed' if code == 0 else 'FAILED'}  {seconds:7.1f} s  {check.name}")
    return 1 if any(code for _, code, _ in results) else 0


@contextmanager
def _quick_folder() -> Iterator[tuple[str, ...]]:
    """Let the tests' databases live in memory where there is room: durability has its own tests.

    Yields what tells pytest so; nothing where there is no such place.
    """
    folder = _SHARED_MEMORY / f"idp-tests-{os.getpid()}"
    if not os.access(_SHARED_MEMORY, os.W_OK) or shutil.disk_usage(_SHARED_MEMORY).free < _ROOM:
        yield ()
        return
    try:
        yield (f"--basetemp={folder}",)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tests(folder: tuple[str, ...], *, is_quick: bool) -> Check:
    workers = ("-n", str(os.cpu_count() or 1))
    what = [path for path in _QUICK if not path.startswith("tests/") or Path(path).exists()]
    chosen = tuple(what) if is_quick else _COVERAGE
    return Check("tests (pytest)", (*_PYTEST, *workers, *folder, *chosen))


def _run(check: Check) -> tuple[int, float]:
    print(f"\n— {check.name}", flush=True)
    started = time.monotonic()
    # The browser's driver brings a node that needs a library minimal systems lack; ours does not.
    code = call(check.command, {"PLAYWRIGHT_NODEJS_PATH": str(node.node())})
    return code, time.monotonic() - started
