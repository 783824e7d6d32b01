"""Steps of set-up that are done once and again only when what they are made from changed."""

import fcntl
import hashlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.places import CACHE, STAMPS


@dataclass(frozen=True)
class Step:
    """One step: `make` is called when `made_from` changed or one of `leaves` is missing.

    made_from: files (their contents count) and texts. also_done_by: names of steps whose valid
    stamp covers this one as well (the test requirements include those of run).
    """

    name: str
    says: str
    make: Callable[[], None]
    made_from: tuple[Path | str, ...]
    leaves: tuple[Path, ...] = ()
    also_done_by: tuple["Step", ...] = ()

    @property
    def stamp(self) -> Path:
        """The file that remembers what the step was last made from."""
        return STAMPS / self.name

    def fingerprint(self) -> str:
        """Hash what the step is made from."""
        digest = hashlib.sha256()
        for part in self.made_from:
            content = part.encode() if isinstance(part, str) else part.read_bytes()
            digest.update(hashlib.sha256(content).digest())
        return digest.hexdigest()

    def is_done(self) -> bool:
        """Tell whether the step's result is in place and fresh."""
        if any(other.is_done() for other in self.also_done_by):
            return True
        is_stamped = self.stamp.exists() and self.stamp.read_text() == self.fingerprint()
        return is_stamped and all(path.exists() for path in self.leaves)


def carry_out(steps: Iterable[Step]) -> None:
    """Do the steps that are not done yet, a line each with its seconds. Raises Failed."""
    with _alone():
        for step in steps:
            if not step.is_done():
                _do(step)


def _do(step: Step) -> None:
    started = time.monotonic()
    print(f"  {step.says} …", flush=True)
    step.stamp.unlink(missing_ok=True)
    step.make()
    STAMPS.mkdir(parents=True, exist_ok=True)
    step.stamp.write_text(step.fingerprint())
    print(f"  {step.says}: done in {time.monotonic() - started:.1f} s", flush=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one set-up work in this folder at a time; a second one waits and says so."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "set-up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("  waiting for another set-up in this folder", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
