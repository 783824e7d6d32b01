"""WebAuthn ceremonies: what a browser is asked for, and whether what it answers is right.

W3C Web Authentication Level 3, sections 7.1 and 7.2. User verification is always required, so that
a passkey is two factors in one; passkeys are discoverable, so that nobody has to type a name.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from idp.foundation.context import Context
from idp.foundation.logging import get_logger
from idp.people.accounts.service import Account
from idp.people.credentials.model import Passkey

_log = get_logger("idp.passkeys")
_DEFAULT_PORTS = {"https": 443, "http": 80}
_LONGEST_ID = 1023  # bytes: section 7.1 step 26


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What is kept of a new passkey; bytes as base64url text, so that it can wait as JSON."""

    credential_id: str
    public_key: str
    sign_count: int
    transports: list[str]
    is_synced: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


class _Framed(WebAuthnException):
    """The page that asked stood inside a page of somebody else."""


def creation_options(
    ctx: Context, account: Account, challenge: bytes, known: Sequence[Passkey]
) -> dict[str, Any]:
    """Return what navigator.credentials.create() is given; known: the person's own passkeys."""
    options = generate_registration_options(
        rp_id=rp_id(ctx),
        rp_name=ctx.settings.brand.short_name,
        user_id=_user_handle(account),
        user_name=account.username,
        user_display_name=f"{account.first_name} {account.last_name}",
        challenge=challenge,
        timeout=_timeout(ctx),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_described(known),
    )
    return options_to_json_dict(options)


def request_options(
    ctx: Context, challenge: bytes, allowed: Sequence[Passkey] = ()
) -> dict[str, Any]:
    """Return what navigator.credentials.get() is given; none allowed: any that it discovers."""
    options = generate_authentication_options(
        rp_id=rp_id(ctx),
        challenge=challenge,
        timeout=_timeout(ctx),
        allow_credentials=_described(allowed),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def read_new(ctx: Context, challenge: bytes, answer: str) -> NewPasskey | None:
    """Return the passkey that a browser made for this challenge, or None (section 7.1).

    answer: the JSON of a RegistrationResponseJSON, as untrusted text.
    """
    try:
        credential = parse_registration_credential_json(answer)
        _refuse_frames(credential.response.client_data_json)
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id(ctx),
            expected_origin=_origin(ctx),
            require_user_verification=True,
        )
    except Exception as error:  # noqa: BLE001 - whatever a parser trips over is a refusal
        _note_refused(error)
        return None
    if len(made.credential_id) > _LONGEST_ID:
        return None
    return NewPasskey(
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
        transports=_transports(credential),
        is_synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
    )


def credential_id(answer: str) -> str:
    """Return which passkey an answer says that it comes from, in its one form; "" for none."""
    try:
        return bytes_to_base64url(parse_authentication_credential_json(answer).raw_id)
    except Exception as error:  # noqa: BLE001 - as above
        _note_refused(error)
        return ""


def verified_count(
    ctx: Context, passkey: Passkey, account: Account, challenge: bytes, answer: str
) -> int | None:
    """Return the signature counter of a right answer to this challenge, or None (section 7.2).

    The counter is not compared here: the library would do so before it has looked at the
    signature, and then anybody could make a passkey look copied.
    """
    try:
        credential = parse_authentication_credential_json(answer)
        _refuse_frames(credential.response.client_data_json)
        checked = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id(ctx),
            expected_origin=_origin(ctx),
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:  # noqa: BLE001 - as above
        _note_refused(error)
        return None
    handle = credential.response.user_handle
    is_theirs = handle is None or handle == _user_handle(account)  # section 7.2 step 6
    return checked.new_sign_count if is_theirs else None


def rp_id(ctx: Context) -> str:
    """Return the relying party id: the host of the configured issuer, never of a request."""
    return urlsplit(ctx.settings.issuer).hostname or ""


def _origin(ctx: Context) -> str:
    """Return the issuer's origin as browsers write it (RFC 6454 section 6.2)."""
    parts = urlsplit(ctx.settings.issuer)
    is_default = parts.port in {None, _DEFAULT_PORTS[parts.scheme]}
    return f"{parts.scheme}://{parts.hostname}" + ("" if is_default else f":{parts.port}")


def _user_handle(account: Account) -> bytes:
    """Return what a passkey keeps of its owner: stable, and no name of any kind (section 6.1)."""
    return hashlib.sha256(f"passkey:{account.sub}".encode()).digest()


def _described(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(one.credential_id),
            transports=[AuthenticatorTransport(name) for name in one.transports] or None,
        )
        for one in passkeys
    ]


def _transports(credential: RegistrationCredential) -> list[str]:
    return sorted({one.value for one in credential.response.transports or ()})


def _timeout(ctx: Context) -> int:
    return ctx.policies.mfa.passkey_challenge_seconds * 1000


def _refuse_frames(client_data: bytes) -> None:
    """Section 7.1 step 10, 7.2 step 13: no page of ours is ever shown inside another's."""
    if parse_client_data_json(client_data).cross_origin:
        raise _Framed("asked from within another page")


def _note_refused(error: Exception) -> None:
    _log.info("passkey answer refused", error=type(error).__name__, why=str(error)[:200])
