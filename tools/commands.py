"""From a command line of dev.py to what it does, and its exit code."""

import argparse
import signal
import time
from collections.abc import Callable
from types import FrameType

from tools import checks, drills, installation, serving, steps
from tools.places import VENV_PYTHON
from tools.programs import Failed, call


def carry_out(options: argparse.Namespace, rest: list[str]) -> int:
    """Carry out a parsed command; expected failures end in their message, not in a traceback."""
    commands: dict[str, Callable[[], int]] = {
        "run": lambda: _run(options),
        "test": lambda: _test(options, rest),
        "drills": lambda: drills.carry_out(options.names),
        "bench": _bench,
    }
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        return commands[options.command]()
    except Failed as failure:
        print(f"\n{failure}", flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
        return 130


def _stop(number: int, _frame: FrameType | None) -> None:
    """End like Ctrl-C does, so that whatever was started is stopped."""
    raise KeyboardInterrupt(signal.Signals(number).name)


def _run(options: argparse.Namespace) -> int:
    _set_up(installation.steps_for_run())
    return 0 if options.setup_only else serving.serve(options.port_base)


def _test(options: argparse.Namespace, rest: list[str]) -> int:
    _set_up(installation.steps_for_test(with_browser=not options.quick))
    return 0 if options.setup_only else checks.carry_out(is_quick=options.quick, chosen=rest)


def _bench() -> int:
    _set_up(installation.steps_for_test(with_browser=False))
    return call([VENV_PYTHON, "-m", "benchmarks"])


def _set_up(wanted: list[steps.Step]) -> None:
    started = time.monotonic()
    steps.carry_out(wanted)
    print(f"Set up ({time.monotonic() - started:.1f} s).", flush=True)
