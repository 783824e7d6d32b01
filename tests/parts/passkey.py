"""A passkey in software: what a browser and an authenticator answer.

Made without the provider's library (W3C Web Authentication Level 3, sections 5.8.1, 6.1, 6.5.4).
"""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _VERIFIED, _ELIGIBLE, _BACKED_UP, _ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def text(raw: bytes) -> str:
    """Write bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(written: str) -> bytes:
    """Read base64url without padding."""
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))


@dataclass
class SoftPasskey:
    """One key pair, at the origin and relying party where it was made.

    Attributes may be changed between answers, to answer wrongly: origin, rp_id, is_verified,
    user_handle, sign_count (what the next answer says is one more, unless it is synced).
    """

    origin: str
    rp_id: str
    is_synced: bool = False
    is_verified: bool = True
    is_framed: bool = False
    sign_count: int = 0
    user_handle: bytes = b""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: dict[str, Any]) -> str:
        """Answer navigator.credentials.create() with a new credential, attestation "none"."""
        self.user_handle = raw(options["user"]["id"])
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
        data = self._data(_ATTESTED) + attested + self._cose_key()
        attestation = b"\xa3" + _cbor_text("fmt") + _cbor_text("none") + _cbor_text("attStmt")
        attestation += b"\xa0" + _cbor_text("authData") + _cbor_bytes(data)
        answer = {
            "clientDataJSON": text(self._client_data("webauthn.create", options)),
            "attestationObject": text(attestation),
            "transports": ["internal", "hybrid"],
        }
        return self._credential(answer)

    def get(self, options: dict[str, Any]) -> str:
        """Answer navigator.credentials.get()."""
        self.sign_count += 0 if self.is_synced else 1
        client_data, data = self._client_data("webauthn.get", options), self._data()
        signed = data + hashlib.sha256(client_data).digest()
        answer = {
            "clientDataJSON": text(client_data),
            "authenticatorData": text(data),
            "signature": text(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": text(self.user_handle),
        }
        return self._credential(answer)

    def _credential(self, response: dict[str, Any]) -> str:
        named = text(self.credential_id)
        kind = {"type": "public-key", "clientExtensionResults": {}}
        return json.dumps({"id": named, "rawId": named, "response": response, **kind})

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said | {"crossOrigin": self.is_framed}).encode()

    def _data(self, flags: int = 0) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.is_verified else 0)
        flags |= _ELIGIBLE | _BACKED_UP if self.is_synced else 0
        hashed = hashlib.sha256(self.rp_id.encode()).digest()
        return hashed + struct.pack(">BI", flags, self.sign_count)

    def _cose_key(self) -> bytes:
        """RFC 9053 section 7.1.1: {1: 2, 3: -7, -1: 1, -2: x, -3: y}."""
        point = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        head = bytes.fromhex("a5010203262001")
        return head + b"\x21" + _cbor_bytes(x) + b"\x22" + _cbor_bytes(y)


def _cbor_bytes(value: bytes) -> bytes:
    return b"\x58" + bytes([len(value)]) + value if len(value) < 256 else _long(value)


def _long(value: bytes) -> bytes:
    return b"\x59" + struct.pack(">H", len(value)) + value


def _cbor_text(value: str) -> bytes:
    return bytes([0x60 + len(value)]) + value.encode()
