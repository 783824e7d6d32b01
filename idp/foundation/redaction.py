"""Keeping secrets and personal data out of the log, whatever a caller hands to it (LX-01).

Two nets: a field is dropped for its name, and inside of any text what looks like a credential
or an address is replaced. Callers still log ids and machine keys only; these nets are for the
exception whose message nobody foresaw.
"""

import re
from collections.abc import Mapping
from typing import Any

REDACTED = "[redacted]"

_SECRET_WORDS = frozenset(
    {
        "assertion",
        "authorization",
        "challenge",
        "code",
        "codes",
        "cookie",
        "cookies",
        "credential",
        "credentials",
        "form",
        "handle",
        "otp",
        "passphrase",
        "password",
        "passwords",
        "payload",
        "pin",
        "query",
        "secret",
        "secrets",
        "seed",
        "token",
        "tokens",
        "totp",
        "tx",
        "verifier",
    }
)
_PERSONAL_WORDS = frozenset(
    {
        "address",
        "birth",
        "email",
        "identifier",
        "mail",
        "mobile",
        "name",
        "names",
        "npi",
        "phone",
        "recipient",
        "recipients",
        "ssn",
        "surname",
        "to",
        "username",
    }
)
# Names that hold one of the words above and nothing secret or personal.
_HARMLESS = frozenset(
    {
        "code_id",
        "client_name",
        "error_code",
        "function_name",
        "job_name",
        "logger_name",
        "reason_code",
        "status_code",
        "table_name",
        "token_type",
    }
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # JSON Web Tokens, in one of their compact forms (RFC 7515, 7516).
    (re.compile(r"\beyJ[\w-]{5,}(?:\.[\w-]*){1,4}"), REDACTED),
    # Authorization headers (RFC 9110 section 11).
    (re.compile(r"(?i)\b(bearer|basic|dpop)\s+[\w.~+/=-]{6,}"), rf"\1 {REDACTED}"),
    (re.compile(r"(?im)\b((?:set-)?cookie\s*:)[^\r\n]*"), rf"\1 {REDACTED}"),
    # Parameters of an address or a form, and passwords inside of an address.
    (
        re.compile(
            r"(?i)\b((?:\w*(?:token|secret|password|assertion|verifier|hint)\w*|code|pin|tx|state"
            r"|nonce)(?:%3D|=))[^&\s\"'<>]+"
        ),
        rf"\1{REDACTED}",
    ),
    (re.compile(r"(://[^\s:/@]*:)[^\s@]+@"), rf"\1{REDACTED}@"),
    # Random values of ours: 40 and more characters of base64url with digits and both cases.
    (
        re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{40,}(?![\w-])"),
        REDACTED,
    ),
    (re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
)


def redacted(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a log event without secrets and personal data."""
    return {key: REDACTED if _is_kept_out(key) else _clean(value) for key, value in fields.items()}


def scrubbed(text: str) -> str:
    """Return text with everything replaced that looks like a credential or an address."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _is_kept_out(key: object) -> bool:
    name = str(key)
    if name.casefold() in _HARMLESS:
        return False
    words = {word.casefold() for word in _WORD.findall(name)}
    return bool(words & _SECRET_WORDS or words & _PERSONAL_WORDS)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, Mapping):
        return redacted({str(key): inner for key, inner in value.items()})
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrubbed(str(value))
