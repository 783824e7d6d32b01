"""What a client may say of itself. RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0 §2.

What only an operator decides (first party, machine scopes, resources, PKCE) has no name here.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from idp.foundation.results import Refused
from idp.oidc import scopes
from idp.oidc.clients import rules
from idp.oidc.clients.registration import DeviceCode, Registration
from idp.oidc.clients.rules import Places
from idp.oidc.errors import ProtocolError

NAMES = frozenset(Registration.model_fields) - {
    "client_id", "client_name_es", "require_pkce", "first_party", "reports_activity", "resources",
    "serves",
} | {"client_name#es"}  # fmt: skip
# Known by the standards and not offered: passing over them would promise what is not done.
_NOT_OFFERED = frozenset(
    {
        "jwks_uri", "sector_identifier_uri", "id_token_encrypted_response_alg",
        "id_token_encrypted_response_enc", "userinfo_encrypted_response_alg",
        "userinfo_encrypted_response_enc", "request_object_encryption_alg",
        "request_object_encryption_enc", "software_statement",
    }
)  # fmt: skip
_GRANTS = frozenset({"authorization_code", "refresh_token", *DeviceCode.__args__})  # type: ignore[attr-defined]
_DEFAULT_SCOPE = scopes.join(("openid", "profile", "email", "phone", "address", "offline_access"))
_BAD = "invalid_client_metadata"


def read(
    said: Mapping[str, Any], client_id: str, places: Places, *, requires_pkce: bool
) -> Registration | ProtocolError:
    """Return the registration that a client asks for, or the error of RFC 7591 §3.2.2.

    Names that no standard knows are passed over (§2: "MUST ignore").
    """
    not_offered = sorted(_NOT_OFFERED & {name for name, value in said.items() if value})
    if not_offered:
        return ProtocolError(_BAD, f"{not_offered[0]} is not offered.")
    wanted = {name: said[name] for name in NAMES & set(said) if said[name] is not None}
    # The session is always named in a logout token, asked for or not.
    wanted.pop("backchannel_logout_session_required", None)
    usual = {"client_name": client_id, "scope": _DEFAULT_SCOPE}
    try:
        found = Registration.model_validate(
            {**usual, **wanted, "client_id": client_id, "require_pkce": requires_pkce}
        )
    except ValidationError as error:
        return _of_type(error)
    return _problem(found, places) or found


def _of_type(error: ValidationError) -> ProtocolError:
    # The first part of a place is the name of a field of ours, never a text of the request.
    place = error.errors()[0]["loc"]
    name = str(place[0]) if place and place[0] in NAMES else "metadata"
    return ProtocolError(_code(name), f"{name} has a value that is not offered here.")


def _problem(found: Registration, places: Places) -> ProtocolError | None:
    if not set(found.grant_types) <= _GRANTS:
        return ProtocolError(_BAD, "grant_types has a value that is not offered here.")
    if set(scopes.split(found.scope)) & set(scopes.MACHINE):
        return ProtocolError(_BAD, "scope has a value that only an operator registers.")
    problems = rules.problems(found, places)
    return _of_rule(problems[0]) if problems else None


def _of_rule(problem: Refused) -> ProtocolError:
    name = problem.field or "metadata"
    return ProtocolError(_code(name), f"{name}: {problem.key}.")


def _code(name: str) -> str:
    return "invalid_redirect_uri" if name == "redirect_uris" else _BAD
