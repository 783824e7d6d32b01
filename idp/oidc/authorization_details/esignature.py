"""The type `esignature`: a document that one person is asked to sign.

title, summary: what the person reads; sha256: of the document, 64 lower-case hex digits;
signer_role: the role in which the person signs; npi: the provider for whom, where it is one.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from idp.people.organizations.rules import is_npi

TYPE = "esignature"
_LONGEST_TITLE, _LONGEST_SUMMARY = 200, 2000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ROLE = re.compile(r"[a-z][a-z_]{0,39}")


def _is_line(value: str) -> bool:
    return value.isprintable() and bool(value.strip()) and len(value) <= _LONGEST_TITLE


def _is_text(value: str) -> bool:
    plain = value.replace("\n", " ")
    return plain.isprintable() and bool(value.strip()) and len(value) <= _LONGEST_SUMMARY


_FIELDS: Mapping[str, Callable[[str], object]] = {
    "type": TYPE.__eq__,
    "title": _is_line,
    "summary": _is_text,
    "sha256": _SHA256.fullmatch,
    "signer_role": _ROLE.fullmatch,
    "npi": is_npi,
}
_REQUIRED = frozenset(_FIELDS) - {"npi"}


def is_valid(detail: Mapping[str, Any]) -> bool:
    """Tell whether a request to sign has every field it needs, each as described, and no other."""
    if not set(detail) >= _REQUIRED or not set(detail) <= set(_FIELDS):
        return False
    return all(isinstance(value, str) and _FIELDS[name](value) for name, value in detail.items())
