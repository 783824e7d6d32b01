"""JSON that can be read in one way only (case IN-04)."""

import json
from collections.abc import Sequence
from typing import NoReturn


def read(text: str) -> object:
    """Return the value of a JSON text.

    ValueError when it is none, nests too deeply, has a member twice, or holds NaN or Infinity.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("too deep") from error


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member stands twice")
    return members


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("not a number of JSON")
