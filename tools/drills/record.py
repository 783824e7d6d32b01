"""The last result of each drill, kept in docs/drills.md for people and releases."""

import datetime as dt
import subprocess
from collections.abc import Mapping

from tools.places import ROOT

RESULTS = ROOT / "docs" / "drills.md"
_HEAD = """# Drills

What needs root or Debian packages and is therefore no part of `python3 dev.py test`. Each section
is written by its drill (`python3 dev.py drills NAME`) and holds its last result.
"""


def write(name: str, title: str, facts: Mapping[str, str]) -> None:
    """Replace one drill's section of docs/drills.md."""
    today = dt.datetime.now(dt.UTC).date().isoformat()
    rows = "\n".join(f"| {fact} | {value} |" for fact, value in {"day": today, **facts}.items())
    section = f"## {name}\n\n{title}.\n\n| What | Result |\n|---|---|\n{rows}\n"
    kept = [part for part in _sections() if not part.startswith(f"## {name}\n")]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join([_HEAD, *sorted([*kept, section])]))
    print(section, flush=True)


def commit() -> str:
    """Return the short name of the commit that was tried."""
    answer = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.strip() or "unknown"


def _sections() -> list[str]:
    text = RESULTS.read_text() if RESULTS.exists() else ""
    return [f"## {part.strip()}\n" for part in text.split("\n## ")[1:]]
