"""What a use case answers when it expected to fail."""

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, slots=True)
class Refused:
    """An expected failure: a machine key that pages map to words and that is safe to log.

    key: one of the use case's documented keys. field: the form control it belongs to, or None
    for the whole form. values: what the words need (never a secret).
    """

    key: str
    field: str | None = None
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)
