"""The discovery document. OpenID Connect Discovery §3, RFC 8414 §2.

Every value is taken from the code that does it, so that nothing is promised which does not work.
"""

from collections.abc import Sequence
from typing import Any, get_args

from idp.foundation.language import LANGUAGES
from idp.oidc import claims, scopes, subjects
from idp.oidc.authorization import details, pkce, prompt, request_object, response_mode
from idp.oidc.clients.registration import SigningAlgorithm
from idp.oidc.clients.rules import AUTH_METHODS, CONFIDENTIAL_METHODS
from idp.oidc.token.client_assertion import ALGORITHMS as ASSERTION_ALGORITHMS
from idp.oidc.token.server import GRANT_TYPES
from idp.people.sessions.rules import ACR_ORDER

# Where each endpoint stands; endpoints.py registers them at these paths.
PATHS = {
    "authorization_endpoint": "/oidc/authorize",
    "pushed_authorization_request_endpoint": "/oidc/par",
    "token_endpoint": "/oidc/token",
    "userinfo_endpoint": "/oidc/userinfo",
    "device_authorization_endpoint": "/oidc/device-authorization",
    "introspection_endpoint": "/oidc/introspect",
    "revocation_endpoint": "/oidc/revoke",
    "registration_endpoint": "/oidc/register",
    "jwks_uri": "/oidc/jwks",
    "end_session_endpoint": "/oidc/end-session",
    # Ours: where a first-party application reports that the person acted there.
    "activity_endpoint": "/oidc/activity",
}


def describe(issuer: str) -> dict[str, Any]:
    """Return the document for an issuer."""
    return {
        "issuer": issuer,
        **{name: f"{issuer}{path}" for name, path in PATHS.items()},
        "scopes_supported": [*scopes.KNOWN, *scopes.MACHINE],
        "response_types_supported": ["code"],
        "response_modes_supported": list(response_mode.MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": list(subjects.TYPES),
        "id_token_signing_alg_values_supported": list(get_args(SigningAlgorithm)),
        "userinfo_signing_alg_values_supported": list(get_args(SigningAlgorithm)),
        **_authentication("token_endpoint", AUTH_METHODS),
        **_authentication("introspection_endpoint", CONFIDENTIAL_METHODS),
        **_authentication("revocation_endpoint", AUTH_METHODS),
        "code_challenge_methods_supported": list(pkce.METHODS),
        "prompt_values_supported": list(prompt.PROMPTS),
        "acr_values_supported": list(ACR_ORDER),
        "claim_types_supported": ["normal"],
        "claims_supported": list(claims.SUPPORTED),
        "ui_locales_supported": list(LANGUAGES),
        "claims_parameter_supported": True,
        "display_values_supported": ["page"],
        "request_parameter_supported": True,
        "request_object_signing_alg_values_supported": list(request_object.ALGORITHMS),
        # Only a request_uri of our own, from the endpoint for pushed requests.
        "request_uri_parameter_supported": False,
        "require_pushed_authorization_requests": False,
        "authorization_details_types_supported": list(details.TYPES),
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }


def _authentication(endpoint: str, methods: Sequence[str]) -> dict[str, Any]:
    """Return how clients prove themselves at an endpoint (RFC 8414 §2)."""
    return {
        f"{endpoint}_auth_methods_supported": list(methods),
        f"{endpoint}_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
    }
