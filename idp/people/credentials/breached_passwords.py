"""The optional filter of breached passwords: built by an operator from a list, asked offline.

The list holds a password a line, as itself or as Have I Been Pwned offers it: SHA-1 in hexadecimal
and how often it was found (`HASH:count`). The filter keeps 128 bits of each SHA-1 and answers
without a network; for one password in ten thousand that is not on the list it says yes.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from rbloom import Bloom

from idp.people.credentials.rules import normalized

_FALSE_POSITIVES = 1e-4
_KIND = b"idp breached passwords 1\n"
_BODY_BEGINS = len(_KIND) + hashlib.sha256().digest_size
_HASH_LINE = re.compile(rb"([0-9A-Fa-f]{40})(?::(\d+))?")
_HOW_TO_BUILD = "`idp passwords build-filter LIST FILTER` builds one."


class BreachedFilterBad(Exception):
    """The filter that the settings name cannot be used; the message says why and what to do."""


class ListEmpty(Exception):
    """The list has no password that counts."""


def build(source: Path, target: Path, *, at_least: int = 1) -> int:
    """Write a filter of the passwords on a list; return how many it knows.

    at_least: how often a password must have been found, where the list says it. The list is read
    twice and never held in memory. OSError, or ListEmpty when nothing counts.
    """
    count = sum(1 for _ in _digests(source, at_least))
    if not count:
        raise ListEmpty
    known = Bloom(count, _FALSE_POSITIVES, _first_bits)
    known.update(_digests(source, at_least))
    body = known.save_bytes()
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.write_bytes(b"".join((_KIND, hashlib.sha256(body).digest(), body)))
    unfinished.replace(target)
    return count


def check(path: Path) -> None:
    """Raise BreachedFilterBad when a filter cannot be used; keeps nothing of it."""
    _checked(path)


@lru_cache(maxsize=2)
def load(path: Path) -> Callable[[str], bool]:
    """Return what tells whether a password (NFC) is on the list; BreachedFilterBad.

    Read once for each process: another filter is used after the next start.
    """
    known = Bloom.load_bytes(_checked(path), _first_bits)
    return lambda text: _digest(text.encode("utf-8", "surrogatepass")) in known


def _checked(path: Path) -> bytes:
    """Return the filter in a file whose kind and checksum are right.

    The library reads a file that was cut short without a word, and would then know other passwords.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BreachedFilterBad(f"{path}: {error.strerror}. {_HOW_TO_BUILD}") from error
    header, body = content[:_BODY_BEGINS], content[_BODY_BEGINS:]
    if header != _KIND + hashlib.sha256(body).digest():
        raise BreachedFilterBad(f"{path} is damaged or no such filter. {_HOW_TO_BUILD}")
    return body


def _digests(source: Path, at_least: int) -> Iterator[bytes]:
    with source.open("rb") as lines:
        for line in lines:
            digest = _digest_of(line.rstrip(b"\r\n"), at_least)
            if digest:
                yield digest


def _digest_of(line: bytes, at_least: int) -> bytes | None:
    """Return the SHA-1 of a line's password; None when it was found too rarely, or is none."""
    found = _HASH_LINE.fullmatch(line)
    if found is None:
        text = normalized(line.decode("utf-8", "replace"))
        return _digest(text.encode()) if text else None
    is_frequent = found[2] is None or int(found[2]) >= at_least
    return bytes.fromhex(found[1].decode()) if is_frequent else None


def _digest(password: bytes) -> bytes:
    return hashlib.sha1(password, usedforsecurity=False).digest()


def _first_bits(digest: object) -> int:
    """Return the 128 bits, signed, that the library asks for: SHA-1 is evenly spread already."""
    return int.from_bytes(bytes(digest)[:16], "big", signed=True)  # type: ignore[call-overload]
