"""How a registration is kept: which key of the metadata is which column."""

from typing import Any

from idp.oidc.clients.model import ClientRow
from idp.oidc.clients.registration import Registration

_SAME = (
    "client_id", "client_uri", "grant_types", "redirect_uris", "post_logout_redirect_uris",
    "backchannel_logout_uri", "frontchannel_logout_uri", "frontchannel_logout_session_required",
    "initiate_login_uri", "scope", "default_acr_values", "resources", "serves", "require_pkce",
    "first_party", "reports_activity", "application_type", "subject_type", "jwks",
    "request_object_signing_alg", "authorization_details_types",
)  # fmt: skip
_COLUMN_OF = {name: name for name in _SAME} | {
    "token_endpoint_auth_method": "auth_method",
    "token_endpoint_auth_signing_alg": "auth_signing_alg",
    "id_token_signed_response_alg": "signing_alg",
    "userinfo_signed_response_alg": "userinfo_signing_alg",
    "require_pushed_authorization_requests": "require_pushed",
}
# What an application never says of itself.
_OURS = {"require_pkce", "first_party", "reports_activity", "resources", "serves"}


def columns_of(registration: Registration) -> dict[str, Any]:
    """Return the columns of a registration."""
    values = {column: getattr(registration, key) for key, column in _COLUMN_OF.items()}
    lists = {name: list(value) for name, value in values.items() if isinstance(value, tuple)}
    return {**values, **lists, "names": registration.names}


def registration_of(row: ClientRow) -> Registration:
    """Return the registration that a row keeps."""
    values = {key: getattr(row, column) for key, column in _COLUMN_OF.items()}
    return Registration.model_validate(
        {**values, "client_name": row.names["en"], "client_name#es": row.names.get("es")}
    )


def metadata_of(row: ClientRow) -> dict[str, Any]:
    """Return a client's metadata in the standard's names (RFC 7591 §2), without what is ours."""
    return registration_of(row).model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude=_OURS
    )
