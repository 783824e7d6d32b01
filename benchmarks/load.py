"""Sends prepared requests over a few kept connections and times each."""

import http.client
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from benchmarks.meter import Meter

CONNECTIONS = 4


@dataclass(frozen=True)
class Request:
    """One prepared request and the status it must get."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    wanted_status: int = 200


@dataclass(frozen=True)
class Reply:
    """What came back, as far as the next operation needs it."""

    status: int
    location: str
    body: bytes


@dataclass(frozen=True)
class Measured:
    """The cost of one operation."""

    operation: str
    count: int
    cpu_milliseconds: float
    per_second: float
    p50: float
    p95: float
    p99: float


@dataclass
class _Run:
    """Shared by the connections of one measurement."""

    waiting: "SimpleQueue[Request]"
    replies: list[Reply] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def measure(
    operation: str, url: str, requests: Sequence[Request], meter: Meter
) -> tuple[Measured, list[Reply]]:
    """Send every request once; returns the cost and the replies.

    Raises RuntimeError when an answer had another status than wanted: a cheap error is no speed.
    """
    run = _Run(SimpleQueue())
    for request in requests:
        run.waiting.put(request)
    started = time.perf_counter()
    with meter.reading() as spent:
        _in_threads(lambda: _send_all(url, run))
    seconds = time.perf_counter() - started
    if run.wrong:
        raise RuntimeError(f"{operation}: {len(run.wrong)} wrong answers, first: {run.wrong[0]}")
    return summed_up(operation, run.milliseconds, spent.seconds, seconds), run.replies


def summed_up(
    operation: str, milliseconds: Sequence[float], cpu_seconds: float, seconds: float
) -> Measured:
    """Return the cost of an operation from the time of each and the CPU time of all."""
    count = len(milliseconds)
    marks = statistics.quantiles(milliseconds, n=100, method="inclusive")
    return Measured(
        operation,
        count,
        cpu_seconds * 1000 / count,
        count / seconds,
        marks[49],
        marks[94],
        marks[98],
    )


def _in_threads(work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _send_all(url: str, run: _Run) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    while True:
        try:
            request = run.waiting.get_nowait()
        except Empty:
            connection.close()
            return
        _send(connection, request, run)


def _send(connection: http.client.HTTPConnection, request: Request, run: _Run) -> None:
    started = time.perf_counter()
    try:
        connection.request(request.method, request.path, request.body, dict(request.headers))
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as error:
        run.wrong.append(f"{request.path}: {error!r}")
        connection.close()
        return
    run.milliseconds.append((time.perf_counter() - started) * 1000)
    run.replies.append(Reply(response.status, response.headers.get("Location", ""), body))
    if response.status != request.wanted_status:
        run.wrong.append(f"{request.path}: {response.status} {body[:300]!r}")
