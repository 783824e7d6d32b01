"""CPU time and memory of running servers, children included, from the operating system."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import psutil

_MEBIBYTE = 1024 * 1024


@dataclass
class Spent:
    """CPU seconds between two readings."""

    seconds: float = 0.0


@dataclass
class Meter:
    """Reads what a group of servers has used: every process under the given ones."""

    roots: list[int] = field(default_factory=list)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Spent]:
        """Measure the CPU time that all servers use inside the `with`."""
        spent = Spent()
        before = self._cpu_seconds()
        yield spent
        spent.seconds = self._cpu_seconds() - before

    def largest_worker_mebibytes(self, root: int) -> float:
        """Return the resident memory of the largest child of a server, or its own without any."""
        process = psutil.Process(root)
        family = process.children(recursive=True) or [process]
        return max(self._resident(family))

    def _resident(self, family: Iterable[psutil.Process]) -> Iterator[float]:
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                yield process.memory_info().rss / _MEBIBYTE

    def _cpu_seconds(self) -> float:
        """Sum up user and system time, also of children that ended and were waited for."""
        total = 0.0
        for root in self.roots:
            parent = psutil.Process(root)
            for process in [parent, *parent.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    total += sum(process.cpu_times()[:4])
        return total
