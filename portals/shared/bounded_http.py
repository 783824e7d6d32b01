"""Calls to the provider that cannot hang, wander or swell.

A whole answer must arrive within a few seconds and a mebibyte; redirects are refused, because an
endpoint was named by the provider's own metadata; the machine's proxy and netrc settings are not
asked, because the client secret travels here.
"""

import time
from typing import Any

from authlib.integrations.requests_client import OAuth2Session
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ContentDecodingError, ReadTimeout

_LARGEST_ANSWER = 1 << 20
_CHUNK = 1 << 16


class BoundedAdapter(HTTPAdapter):
    """Reads the whole answer before a deadline, however slowly the other side drips."""

    def __init__(self, seconds: float) -> None:
        """seconds: the longest wait, from the first byte sent to the last one read."""
        super().__init__()
        self._seconds = seconds

    def send(  # type: ignore[override]  # the wait is ours to choose, not the caller's
        self, request: PreparedRequest, **options: Any
    ) -> Response:
        """Send a request; raises requests' RequestException when it cannot be answered in time."""
        deadline = time.monotonic() + self._seconds
        options.update(stream=True, timeout=self._seconds)
        answer = super().send(request, **options)
        try:
            answer._content = _read(answer, deadline)  # noqa: SLF001 - where requests keeps it
        finally:
            answer.close()
        return answer


def _read(answer: Response, deadline: float) -> bytes:
    body = bytearray()
    while chunk := answer.raw.read1(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > _LARGEST_ANSWER:
            raise ContentDecodingError("the answer is too large")
        if time.monotonic() > deadline:
            raise ReadTimeout("the answer took too long")
    return bytes(body)


class BoundedSession(OAuth2Session):
    """Authlib's HTTP session, bounded."""

    def __init__(self, *args: Any, seconds: float = 5, verify: Any = True, **options: Any) -> None:
        """seconds: longest wait for an answer; verify: a CA bundle's path, or True."""
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]  # Authlib ships no types
        self.trust_env = False
        self.max_redirects = 0
        self.verify = verify
        self.mount("https://", BoundedAdapter(seconds))
        self.mount("http://", BoundedAdapter(seconds))
