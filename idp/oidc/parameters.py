"""Parameters of a request: read once, from the bytes that were sent.

"Compare bytes, parse once": every later check sees the same text, and what cannot be read one way
only (a broken escape, bytes that are no UTF-8) is refused instead of guessed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Parameters:
    """Names and values as sent.

    values: the first value of each name that has one; "sent without a value" counts as left out
    (RFC 6749 §3.1). repeated: names that came more than once, with a value or without.
    """

    values: Mapping[str, str]
    repeated: frozenset[str] = frozenset()

    def get(self, name: str) -> str | None:
        """Return a value, or None where the parameter was left out."""
        return self.values.get(name)


class Malformed(Exception):
    """The bytes cannot be read as parameters; the text says why and repeats nothing of them."""


def parse(raw: bytes, *, longest: int, most: int) -> Parameters:
    """Read application/x-www-form-urlencoded bytes (WHATWG URL §5.1, RFC 6749 appendix B).

    longest: bytes in all; most: parameters. Malformed when there are more, or when they are not
    UTF-8 behind valid escapes.
    """
    if len(raw) > longest:
        raise Malformed("The request is too long.")
    pairs = [piece for piece in raw.split(b"&") if piece]
    if len(pairs) > most:
        raise Malformed("The request has too many parameters.")
    return _collect(_pair(piece) for piece in pairs)


def _collect(pairs: Iterable[tuple[str, str]]) -> Parameters:
    values: dict[str, str] = {}
    seen: set[str] = set()
    repeated: set[str] = set()
    for name, value in pairs:
        (repeated if name in seen else seen).add(name)
        if value:
            values.setdefault(name, value)
    return Parameters(values, frozenset(repeated))


def _pair(piece: bytes) -> tuple[str, str]:
    name, _, value = piece.partition(b"=")
    return decoded(name), decoded(value)


def decoded(escaped: bytes) -> str:
    """Return the text of one escaped name or value; Malformed unless it is UTF-8, fully escaped."""
    if _BROKEN_ESCAPE.search(escaped):
        raise Malformed("The request has a broken percent escape.")
    try:
        return unquote_to_bytes(escaped.replace(b"+", b" ")).decode()
    except UnicodeDecodeError as error:
        raise Malformed("The request is not UTF-8.") from error
