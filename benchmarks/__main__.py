"""Measure everything and write docs/performance.md."""

import json
import tempfile
import tomllib
import urllib.request
from pathlib import Path

from benchmarks import equal_answers, report
from benchmarks.fresh_start import first_and_second_start
from benchmarks.meter import Meter
from benchmarks.operations import Bench, all_operations, raw_argon2_milliseconds, timed
from benchmarks.person import Person
from tests.parts.postgres import start_postgres
from tests.parts.provider import running_provider
from tools.places import ROOT


def main() -> None:
    """Measure starts, each database and how equal answers are, then write the page."""
    first, second = first_and_second_start()
    print(f"dev.py run: {first:.1f} s from nothing, {second:.1f} s the second time", flush=True)
    cost = tomllib.loads((ROOT / "policies" / "password.toml").read_text(encoding="utf-8"))["hash"]
    argon2 = raw_argon2_milliseconds(cost["memory_kib"], cost["time_cost"], cost["parallelism"])
    figures = [_on_sqlite(), _on_postgresql()]
    equal = equal_answers.on_sqlite()
    report.write(figures, equal, argon2, first, second)
    print(f"Written to {report.TARGET.relative_to(ROOT)}.")
    if told := [one.form for one in equal if not one.is_equal]:
        raise SystemExit(f"These answers tell whether an account exists: {', '.join(told)}")


def _on_sqlite() -> report.DatabaseFigures:
    return _measure("SQLite", "", [])


def _on_postgresql() -> report.DatabaseFigures:
    server = start_postgres(is_durable=True)
    try:
        process = [server.program.pid] if server.program else []
        return _measure("PostgreSQL", server.create_database(), process)
    finally:
        server.stop()


def _measure(database: str, address: str, database_processes: list[int]) -> report.DatabaseFigures:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        running_provider(Path(folder), database_url=address, nodes=0) as provider,
    ):
        provider.start_node().stop()  # the very first start also makes the signing keys
        provider.nodes.clear()
        ready_seconds = timed(provider.start_node)
        node = provider.nodes[0].pid
        workers = [worker.pid for worker in provider.workers]
        meter = Meter([node, *workers, *database_processes])
        bench = Bench(provider, meter, _discovered(provider.url))
        costs = []
        for cost in all_operations(bench, Person(provider)):
            print(f"{database}: {cost.operation} {cost.cpu_milliseconds:.2f} ms CPU", flush=True)
            costs.append(cost)
        memory = meter.largest_worker_mebibytes(node)
    return report.DatabaseFigures(database, ready_seconds, memory, costs)


def _discovered(url: str) -> dict[str, str]:
    with urllib.request.urlopen(f"{url}/.well-known/openid-configuration") as answer:  # noqa: S310
        found: dict[str, str] = json.load(answer)
    return found


if __name__ == "__main__":
    main()
