"""Config OP: what the discovery document must hold."""

import base64
from typing import Any
from urllib.parse import urlsplit

from tests.oidc.certification.suite import Suite
from tests.oidc.certification.walked import PASSED_OVER
from tests.parts.browserless import Visitor

# Members of the "OAuth Authorization Server Metadata" registry of IANA that a provider of ours
# could publish; the suite warns of any other.
REGISTERED = {
    "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint",
    "scopes_supported", "response_types_supported", "response_modes_supported",
    "grant_types_supported", "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported", "service_documentation",
    "ui_locales_supported", "op_policy_uri", "op_tos_uri", "revocation_endpoint",
    "revocation_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_signing_alg_values_supported", "introspection_endpoint",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "code_challenge_methods_supported", "device_authorization_endpoint", "userinfo_endpoint",
    "acr_values_supported", "subject_types_supported", "id_token_signing_alg_values_supported",
    "userinfo_signing_alg_values_supported", "request_object_signing_alg_values_supported",
    "display_values_supported", "claim_types_supported", "claims_supported",
    "claims_locales_supported", "claims_parameter_supported", "request_parameter_supported",
    "request_uri_parameter_supported", "require_request_uri_registration",
    "require_signed_request_object", "pushed_authorization_request_endpoint",
    "require_pushed_authorization_requests",
    "authorization_response_iss_parameter_supported", "authorization_details_types_supported",
    "frontchannel_logout_supported", "frontchannel_logout_session_supported",
    "backchannel_logout_supported", "backchannel_logout_session_supported",
    "end_session_endpoint", "prompt_values_supported",
}  # fmt: skip


def discovery(suite: Suite, _visitor: Visitor) -> None:
    """Read the document and follow what it names."""
    address = f"{suite.provider.url}/.well-known/openid-configuration"
    response = suite.get(address)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    document: dict[str, Any] = response.json()
    assert document["issuer"] == suite.provider.url
    assert set(document) - REGISTERED == PASSED_OVER
    _check_required(document)
    _check_endpoints(document)
    _check_keys(suite)


def _check_required(document: dict[str, Any]) -> None:
    assert document["response_types_supported"] == ["code"]
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert set(document["subject_types_supported"]) <= {"public", "pairwise"}
    assert "authorization_code" in document["grant_types_supported"]
    assert "openid" in document["scopes_supported"]
    assert document["claims_supported"]
    assert isinstance(document["code_challenge_methods_supported"], list)
    if "request_object_signing_alg_values_supported" in document:
        assert "RS256" in document["request_object_signing_alg_values_supported"]
    assert [one for one in document["ui_locales_supported"] if one != one.lower()] == []
    for name, value in document.items():
        assert not isinstance(value, list) or value, f"{name} is empty"


def _check_endpoints(document: dict[str, Any]) -> None:
    """The suite wants https; in front of the provider stands what speaks it."""
    issuer = urlsplit(document["issuer"])
    for name in (one for one in document if one.endswith(("_endpoint", "_uri"))):
        address = urlsplit(document[name])
        assert (address.scheme, address.netloc) == (issuer.scheme, issuer.netloc), name
        assert not address.query
        assert not address.fragment


def _check_keys(suite: Suite) -> None:
    keys = suite.call("GET", "jwks_uri").json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys)
    private = {"d", "p", "q", "dp", "dq", "qi", "k"}
    for key in keys:
        assert not private & set(key)
        assert key["use"] == "sig"
        assert key["alg"] in suite.metadata["id_token_signing_alg_values_supported"]
        for member in {"n", "e", "x", "y"} & set(key):
            assert "=" not in key[member]
            assert base64.urlsafe_b64decode(key[member] + "==")


MODULES = {"oidcc-discovery-endpoint-verification": discovery}
