"""docs/performance.md: the newest figures, beside what they are held to."""

import datetime as dt
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.equal_answers import SAMPLES, SEPARABLE, Compared
from benchmarks.load import CONNECTIONS, Measured
from tools.drills.record import commit
from tools.places import ROOT

TARGET = ROOT / "docs" / "performance.md"
# Milliseconds of CPU, server and database: this wave's aim, and what peers need (see below).
_AIMS: Mapping[str, tuple[str, str]] = {
    "discovery": ("0.22", "0.12 – 1.33"),
    "password sign-in": ("Argon2id + 4", "Argon2id + 17 – 44"),
    "silent authorization": ("1.1", "0.73 – 16.5"),
    "code exchange": ("2.0", "1.21 – 44.6"),
    "userinfo": ("0.65", "0.34 – 15.9"),
    "refresh": ("2.0", "1.26 – 27.7"),
}


@dataclass(frozen=True)
class DatabaseFigures:
    """What was measured on one database."""

    database: str
    ready_seconds: float
    worker_mebibytes: float
    costs: Sequence[Measured]


def write(
    figures: Sequence[DatabaseFigures],
    equal: Sequence[Compared],
    argon2: float,
    first: float,
    second: float,
) -> None:
    """Write the page from what was measured."""
    TARGET.parent.mkdir(exist_ok=True)
    parts = [
        _head(),
        _starts(figures, first, second),
        _costs(figures, argon2),
        _equal_answers(equal),
        _notes(),
    ]
    TARGET.write_text("\n".join(parts), encoding="utf-8")


def _head() -> str:
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return (
        "# Performance\n\n"
        "Written by `python3 dev.py bench`; do not edit.\n\n"
        f"{today}, commit {commit()}, {os.cpu_count()} cores {platform.machine()}, "
        f"Python {platform.python_version()}.\n"
    )


def _starts(figures: Sequence[DatabaseFigures], first: float, second: float) -> str:
    rows = [
        f"| `dev.py run` from nothing to ready | {first:.1f} s | ≤ 60 s |",
        f"| `dev.py run` the second time | {second:.1f} s | ≤ 5 s |",
    ]
    for one in figures:
        rows.append(f"| provider ready ({one.database}) | {one.ready_seconds:.2f} s | ≤ 1.0 s |")
        rows.append(
            f"| memory of a worker after load ({one.database}) | "
            f"{one.worker_mebibytes:.0f} MiB | ≤ 120 MiB |"
        )
    return "\n".join(
        ["## Starting and memory\n", "| What | Now | Aim |", "|---|---|---|", *rows, ""]
    )


def _costs(figures: Sequence[DatabaseFigures], argon2: float) -> str:
    head = (
        "## CPU time of an operation\n\n"
        "Milliseconds, all server processes and the database together. One raw Argon2id "
        f"verification with the policy's cost: {argon2:.1f} ms.\n\n"
        "| Operation | Database | CPU ms | Aim | Peers | Per second | p50 ms | p95 ms | p99 ms |\n"
        "|---|---|---|---|---|---|---|---|---|"
    )
    rows = [
        f"| {cost.operation} | {one.database} | {cost.cpu_milliseconds:.2f} | "
        f"{' | '.join(_AIMS.get(cost.operation, ('', '')))} | {cost.per_second:.0f} | "
        f"{cost.p50:.1f} | {cost.p95:.1f} | {cost.p99:.1f} |"
        for one in figures
        for cost in one.costs
    ]
    return "\n".join([head, *rows, ""])


def _equal_answers(equal: Sequence[Compared]) -> str:
    head = (
        "## Answers that do not tell whether an account exists\n\n"
        f"{SAMPLES} answers each for identifiers that exist and for such that do not, in random "
        "order, each in a fresh browser. Area: how often one of a kind took longer than one of the "
        f"other; 0.5 is a coin, below {SEPARABLE} nobody can tell. Differences: in status, headers "
        "and page, but for what was typed.\n\n"
        "| Form | Area | Differences |\n|---|---|---|"
    )
    rows = [f"| {one.form} | {one.area:.3f} | {len(one.differences) or 'none'} |" for one in equal]
    return "\n".join([head, *rows, ""])


def _notes() -> str:
    return (
        "## How to read it\n\n"
        f"One provider process with threads, {CONNECTIONS} kept connections, RS256 with 2048 bits, "
        "PKCE S256, every check, rate limit and audit record on, commits durable. CPU time holds "
        "on a busy machine; the other columns tell only about the machine of that day, on which "
        "load generator, provider and database shared the cores. The worker's own work is "
        "included.\n\n"
        "Peers: the range from node-oidc-provider on Redis (which keeps nothing durable) to "
        "canaille (Flask and Authlib), measured in November 2026 on 2 cores.\n"
    )
