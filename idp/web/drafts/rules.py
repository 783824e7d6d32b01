"""What of a posted form may be kept: pure decisions."""

import json
from collections.abc import Mapping

# A field whose name has one of these words holds a secret, or belongs to the form's machinery.
_NEVER = frozenset(
    ("password", "code", "pin", "secret", "token", "credential", "csrf", "tx", "kept")
)
_NO_SECRETS = frozenset(("postal_code",))


def is_kept(name: str) -> bool:
    """Tell whether a field of this name may be kept: never a password, a code or a PIN."""
    return name in _NO_SECRETS or not _NEVER & set(name.casefold().replace("-", "_").split("_"))


def kept(fields: Mapping[str, str], most_bytes: int) -> dict[str, str]:
    """Return what of a form is worth keeping; {} when nothing was typed, or too much of it."""
    found = {name: text for name, text in fields.items() if is_kept(name)}
    is_empty = not any(text.strip() for text in found.values())
    is_too_much = len(json.dumps(found).encode()) > most_bytes
    return {} if is_empty or is_too_much else found
