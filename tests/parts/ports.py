"""Free ports of this machine for the servers that tests start."""

import os
import socket
import time
from collections.abc import Iterator

_FIRST_PORT, _PAST_LAST_PORT = 20000, 32000  # below the ports systems give to outgoing calls


def free_ports(count: int) -> int:
    """Return the first of `count` neighbouring ports that nobody listens on now."""
    for first in _candidates(count):
        if all(_is_free(port) for port in range(first, first + count)):
            return first
    raise RuntimeError(f"no {count} free ports on this machine")


def _candidates(count: int) -> Iterator[int]:
    """Start elsewhere in each process, so that parallel tests seldom ask for the same port."""
    span = _PAST_LAST_PORT - _FIRST_PORT - count
    begin = os.getpid() * 97 + time.monotonic_ns() // 1000
    for step in range(0, span, count):
        yield _FIRST_PORT + (begin + step) % span


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
