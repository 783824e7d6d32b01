"""`dev.py drills`: what needs root or Debian packages, and is therefore no part of the tests.

Each drill is loud when a tool is missing, and keeps its last results in docs/drills.md.
"""

from collections.abc import Callable

from tools.drills import bare_root
from tools.programs import Failed

DRILLS: dict[str, Callable[[], int]] = {"bare-root": bare_root.carry_out}


def carry_out(names: list[str]) -> int:
    """Run the named drills one after the other; without names list them. Raises Failed."""
    unknown = [name for name in names if name not in DRILLS]
    if unknown:
        raise Failed(f"No such drill: {', '.join(unknown)}. There are: {', '.join(DRILLS)}.")
    if not names:
        print("Drills (python3 dev.py drills NAME …):")
        for name, drill in DRILLS.items():
            print(f"  {name:<12} {(drill.__doc__ or '').splitlines()[0]}")
        return 0
    return max(DRILLS[name]() for name in names)
