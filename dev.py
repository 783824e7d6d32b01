#!/usr/bin/env python3
"""The commands of this project; needs nothing but Python with its venv module.

python3 dev.py run      set up once, then serve the provider, its worker and three portals
python3 dev.py test     set up once, then run every check and test
python3 dev.py drills   what needs root or Debian packages; lists what it runs
python3 dev.py bench    measure the costs and write docs/performance.md
"""

import argparse
import sys

OLDEST_PYTHON = (3, 11)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = argparse.ArgumentParser(
        prog="dev.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="serve the provider, its worker and three portals")
    run.add_argument("--port-base", type=int, default=8000, help="first of four ports (8000)")
    run.add_argument("--setup-only", action="store_true", help="set up, start nothing")
    test = commands.add_parser("test", help="run every check and test")
    test.add_argument(
        "--quick", action="store_true", help="unit and flow tests, SQLite, no browser"
    )
    test.add_argument("--setup-only", action="store_true", help="set up, test nothing")
    drills = commands.add_parser("drills", help="drills that need root or Debian packages")
    drills.add_argument("names", nargs="*", help="which drills; none: list them")
    commands.add_parser("bench", help="measure costs and write docs/performance.md")
    return top


def main(arguments: "list[str]") -> int:
    """Carry out one command; returns the exit code."""
    options, rest = parser().parse_known_args(arguments)
    if rest and options.command != "test":
        parser().error("unknown arguments: " + " ".join(rest))
    # Imported here so that an older Python is told what it lacks instead of a syntax error.
    from tools import commands  # noqa: PLC0415

    return commands.carry_out(options, rest)


if __name__ == "__main__":
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            "Python 3.11 or newer is needed; this is {}.{}. Start dev.py with a newer one, for "
            "example: python3.11 dev.py {}".format(*sys.version_info[:2], " ".join(sys.argv[1:]))
        )
    sys.exit(main(sys.argv[1:]))
