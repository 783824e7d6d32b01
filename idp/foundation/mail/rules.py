"""Making what people typed harmless in a mail. Pure (ML-01, ASVS V1.3.7, V1.3.11)."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

LONGEST_VALUE = 100
_LONGEST_SUBJECT = 150
_LINE_ENDS = frozenset({"Cc", "Zl", "Zp"})
_DROPPED = frozenset({"Cf", "Cs", "Co", "Cn"})
# Arabic, Persian and Indic names are written with these two.
_JOINERS = "\u200c\u200d"
# What mail programs turn into a link although nobody wrote one: host names, addresses, schemes.
_DOT = re.compile(r"([.\u3002\uff0e\uff61])(?=[^\W\d_])")
_SCHEME = re.compile(r":(?=/)")
# Shown exactly: their alphabets (accounts) leave no room for a link that looks like ours.
_EXACT = frozenset({"username", "usernames", "email", "new_email", "old_email"})


def harmless(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a mail with every text made harmless; moments and numbers stay."""
    return {key: _harmless(value, is_exact=key in _EXACT) for key, value in values.items()}


def one_line(text: str, longest: int = LONGEST_VALUE) -> str:
    """Return text as one line without invisible and direction-changing characters."""
    shown = "".join(_shown(character) for character in text[: longest * 4])
    line = " ".join(shown.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def without_links(text: str) -> str:
    """Return one line in which a mail program finds nothing to make a link of.

    `J.R. Smith` becomes `J. R. Smith`, `evil.example` becomes `evil. example`.
    """
    line = _DOT.sub(r"\1 ", one_line(text))
    return " ".join(_SCHEME.sub(": ", line).replace("@", " @ ").split())


def parted(text: str) -> tuple[str, str]:
    """Return subject and body of a rendered text template ("Subject: …", empty line, body)."""
    head, _, body = text.lstrip().partition("\n\n")
    subject = one_line(head.removeprefix("Subject:"), _LONGEST_SUBJECT)
    if not head.startswith("Subject:") or not subject:
        raise ValueError("a mail's text template must begin with its subject")
    return subject, re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"


def _harmless(value: object, *, is_exact: bool) -> object:
    if isinstance(value, str):
        return one_line(value, 254) if is_exact else without_links(value)
    if isinstance(value, list | tuple):
        return [_harmless(inner, is_exact=is_exact) for inner in value]
    if value is None or isinstance(value, bool | int | datetime):
        return value
    raise TypeError(f"a mail cannot hold a {type(value).__name__}")


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in _LINE_ENDS:
        return " "
    if category in _DROPPED and character not in _JOINERS:
        return ""
    return character
