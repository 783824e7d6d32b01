"""The shapes that operations name, in JSON Schema; values come from the code that decides them."""

from collections.abc import Iterable, Mapping
from typing import Any

from idp.oidc.claims import FURTHER_PROFILE_CLAIMS
from idp.oidc.clients.registration import Registration
from idp.oidc.registration.metadata import NAMES as REGISTRATION_NAMES
from idp.oidc.token.client_assertion import ASSERTION_TYPE
from idp.oidc.token.server import GRANT_TYPES

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer"}
_YES_NO: Schema = {"type": "boolean"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_PROOF = {
    "client_id": _TEXT,
    "client_secret": _TEXT,
    "client_assertion_type": {"type": "string", "const": ASSERTION_TYPE},
    "client_assertion": _TEXT,
}
_REQUEST = (
    "redirect_uri", "scope", "state", "nonce", "response_type", "response_mode", "prompt",
    "max_age", "acr_values", "claims", "login_hint", "id_token_hint", "ui_locales", "display",
    "code_challenge", "code_challenge_method", "resource", "authorization_details", "request",
)  # fmt: skip


def components(metadata: Mapping[str, Any]) -> dict[str, Schema]:
    """Return every schema by its name; metadata: the discovery document of this provider."""
    return {
        "Error": _object({"error": _TEXT, "error_description": _TEXT}, ["error"]),
        "Metadata": _like(metadata),
        "Keys": _object({"keys": {"type": "array", "items": {"type": "object"}}}, ["keys"]),
        **_requests(),
        **_token_answers(),
        **_people(),
        **_clients(),
        "Nothing": _object({}),
        "Activity": _object(
            {"active": _YES_NO, "idle_ends_at": _NUMBER, "overall_ends_at": _NUMBER}, ["active"]
        ),
        "SessionStatus": _object(
            dict.fromkeys(("seconds_left", "idle_seconds", "overall_seconds"), _NUMBER)
            | {"active": _YES_NO},
            ["active", "seconds_left"],
        ),
        "Health": _object({"status": _TEXT, "database": _YES_NO, "schema": _YES_NO}, ["status"]),
    }


def _requests() -> dict[str, Schema]:
    code = dict.fromkeys(("code", "redirect_uri", "code_verifier", "device_code"), _TEXT)
    further = dict.fromkeys(("refresh_token", "scope", "resource"), _TEXT)
    grant = {"grant_type": {"type": "string", "enum": list(GRANT_TYPES)}}
    return {
        "PushedRequest": _object(dict.fromkeys(_REQUEST, _TEXT) | _PROOF, ["response_type"]),
        "TokenRequest": _object(grant | code | further | _PROOF, ["grant_type"]),
        "DeviceRequest": _object({"scope": _TEXT, **_PROOF}),
        "TokenQuestion": _object({"token": _TEXT, "token_type_hint": _TEXT, **_PROOF}, ["token"]),
        "TokenInBody": _object({"access_token": _TEXT}),
        "ActivityReport": _object({"sid": _TEXT, "acted_at": _TEXT, **_PROOF}, ["sid"]),
    }


def _token_answers() -> dict[str, Schema]:
    tokens = {"access_token": _TEXT, "token_type": _TEXT, "expires_in": _NUMBER}
    further = {"refresh_token": _TEXT, "id_token": _TEXT, "scope": _TEXT}
    device = {"device_code": _TEXT, "user_code": _TEXT, "verification_uri": _TEXT}
    return {
        "Pushed": _object({"request_uri": _TEXT, "expires_in": _NUMBER}, ["request_uri"]),
        "Tokens": _object(tokens | further, list(tokens)),
        "Device": _object(
            device
            | {"verification_uri_complete": _TEXT, "expires_in": _NUMBER, "interval": _NUMBER},
            [*device, "expires_in"],
        ),
        "Introspection": _object({"active": _YES_NO, "scope": _TEXT}, ["active"]),
    }


def _people() -> dict[str, Schema]:
    names = ("sub", "name", "given_name", "middle_name", "family_name", "preferred_username")
    texts = (*names, "locale", "email", "phone_number", *FURTHER_PROFILE_CLAIMS)
    others = {
        "updated_at": _NUMBER,
        "email_verified": _YES_NO,
        "phone_number_verified": _YES_NO,
        "address": _object(dict.fromkeys(("formatted", "street_address", "locality"), _TEXT)),
        "ncid": _object({"username": _TEXT, "account_type": _TEXT}),
        "access": {"type": "array", "items": {"type": "object"}},
    }
    return {"Claims": _object(dict.fromkeys(texts, _TEXT) | others, ["sub"])}


def _clients() -> dict[str, Schema]:
    described = Registration.model_json_schema(by_alias=True)
    known = described["properties"]
    metadata = {name: known[name] for name in sorted(REGISTRATION_NAMES) if name in known}
    given = {"client_id": _TEXT, "client_secret": _TEXT, "registration_client_uri": _TEXT}
    times = {"client_id_issued_at": _NUMBER, "client_secret_expires_at": _NUMBER}
    own = _TEXTS | {"description": "what it may be sent to"}
    return {
        "ClientMetadata": _object(metadata | {"redirect_uris": own}),
        "RegisteredClient": _object(given | times, ["client_id"]),
    }


def _object(properties: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    wanted = list(required)
    made: Schema = {"type": "object", "properties": dict(properties)}
    return made | ({"required": wanted} if wanted else {})


def _like(example: Mapping[str, Any]) -> Schema:
    """Return a schema that says of each member of the document what it is."""
    return _object({name: _kind(value) for name, value in example.items()}, list(example))


def _kind(value: object) -> Schema:
    if isinstance(value, bool):
        return _YES_NO
    return _TEXTS if isinstance(value, list) else _TEXT
