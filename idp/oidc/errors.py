"""What the protocol answers when it says no."""

import re
from dataclasses import dataclass

# RFC 6749 §4.1.2.1: characters that error and error_description may hold.
_ALLOWED = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")


@dataclass(frozen=True, slots=True)
class ProtocolError:
    """An error of the protocol.

    error: the standard's code. description: for the developer of the application, in English,
    and never with anything in it that the request brought along.
    """

    error: str
    description: str

    def __post_init__(self) -> None:
        if not (_ALLOWED.fullmatch(self.error) and _ALLOWED.fullmatch(self.description)):
            raise ValueError("error texts keep to the characters of RFC 6749 section 4.1.2.1")


def invalid_request(description: str) -> ProtocolError:
    """Return the error for a request that lacks, repeats or misuses a parameter."""
    return ProtocolError("invalid_request", description)
