"""Discovery and keys: prepared bytes, revalidated by ETag. RFC 8414 §3, RFC 7517 §5.

Any page of any origin may read them: they hold nothing but what everybody may know.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from idp.oidc.metadata.document import describe
from idp.settings import Settings
from idp.web.context import parts


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it is sent, and what tells whether a copy is still the same."""

    body: bytes
    etag: str

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Prepared":
        """Write a document down."""
        body = json.dumps(content, separators=(",", ":")).encode()
        return cls(body, hashlib.sha256(body).hexdigest()[:32])


class MetadataEndpoint:
    """Answers the three documents."""

    def __init__(self, settings: Settings) -> None:
        self._document = Prepared.of(describe(settings.issuer))
        self._keys: tuple[Mapping[str, Any], Prepared] | None = None

    def discovery(self) -> ResponseReturnValue:
        """Answer GET of both well-known addresses; one document serves both standards."""
        return public_answer(self._document, "application/json")

    def jwks(self) -> ResponseReturnValue:
        """Answer GET /oidc/jwks: public members of every key that verifies (case JW-08)."""
        keys, known = parts().signing_keys.jwks(), self._keys
        if known is None or known[0] is not keys:
            self._keys = known = (keys, Prepared.of(keys))
        return public_answer(known[1], "application/jwk-set+json")


def public_answer(prepared: Prepared, mimetype: str) -> Response:
    """Send a document that any page of any origin may read."""
    # A new key is published longer than this before it signs (policies/tokens.toml).
    kept = parts().policies.tokens.jwks_cache_seconds
    response = Response(prepared.body, mimetype=mimetype)
    response.set_etag(prepared.etag)
    response.headers["Cache-Control"] = f"public, max-age={kept}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.make_conditional(request)
    return response
