"""request: the parameters inside a JWT that the client signed. RFC 9101, Core §6.

By value alone; `none` and keys that are shared secrets are refused, and so is a JWT that was made
for something else. Nothing of a refused object is used, and of the parameters beside a good one
none but client_id (RFC 9101 §6.3).
"""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeGuard, get_args

from idp.foundation.context import Context
from idp.oidc import jwts, strict_json
from idp.oidc.clients import client_keys
from idp.oidc.clients.client import Client
from idp.oidc.clients.registration import SigningAlgorithm
from idp.oidc.errors import ProtocolError
from idp.oidc.parameters import Parameters
from idp.oidc.replays import service as replays

ALGORITHMS: tuple[SigningAlgorithm, ...] = get_args(SigningAlgorithm)
_TYPES = frozenset({None, "JWT", "oauth-authz-req+jwt"})
_OF_THE_JWT = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "sub"})
_LONGEST_JTI = 256
NOT_SUPPORTED = ProtocolError(
    "request_not_supported", "The client is registered with no key for request objects."
)
_UNSIGNED = ProtocolError("request_not_supported", "Unsigned request objects are not supported.")
_INVALID = ProtocolError("invalid_request_object", "The request object is not valid.")


def unwrap(ctx: Context, client: Client, token: str) -> Parameters | ProtocolError:
    """Return the parameters of a client's signed request object, or what is wrong with it."""
    if _is_unsigned(token):
        return _UNSIGNED
    if client.jwks is None:
        return NOT_SUPPORTED
    claims = _verified(client, token)
    if claims is None or not _is_for_us(ctx, client, claims) or not _is_in_time(ctx, claims):
        return _INVALID
    parameters = _parameters(client, claims)
    if parameters is None or not _is_first_use(ctx, client, claims):
        return _INVALID
    return parameters


def _is_unsigned(token: str) -> bool:
    """Tell whether the header says `none`, in whatever letters."""
    algorithm = _header(token).get("alg")
    return isinstance(algorithm, str) and algorithm.lower() == "none"


def _header(token: str) -> Mapping[str, Any]:
    encoded = token.partition(".")[0]
    try:
        padded = encoded.encode("ascii") + b"=" * (-len(encoded) % 4)
        found = strict_json.read(base64.urlsafe_b64decode(padded).decode())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _verified(client: Client, token: str) -> Mapping[str, Any] | None:
    """Return the claims if one of the client's registered keys signed them."""
    allowed = (client.request_object_alg,) if client.request_object_alg else ALGORITHMS
    keys = client_keys.parse(client.jwks) if client.jwks else None
    found = jwts.verified(token, keys.keys, allowed) if keys else None
    is_request = found is not None and found.header.get("typ") in _TYPES
    return found.claims if found and is_request else None


def _is_for_us(ctx: Context, client: Client, claims: Mapping[str, Any]) -> bool:
    """RFC 9101 §4: issued by the client, for this provider.

    §10.8: one whose subject is the client could be shown as its proof elsewhere, or was made so.
    """
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    is_proof = claims.get("sub") == client.client_id
    return (
        claims.get("iss") == client.client_id and ctx.settings.issuer in audiences and not is_proof
    )


def _is_in_time(ctx: Context, claims: Mapping[str, Any]) -> bool:
    """Demand an end that is near; FAPI 2.0 Message Signing §5.3.1 bounds it so."""
    policy, now = ctx.policies.tokens, ctx.now().timestamp()
    end, start = claims.get("exp"), claims.get("nbf", now)
    if not (_is_number(end) and _is_number(start)):
        return False
    begun = start <= now + policy.request_object_skew_seconds
    return begun and now < end <= now + policy.request_object_seconds


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_first_use(ctx: Context, client: Client, claims: Mapping[str, Any]) -> bool:
    """Use up the `jti` where there is one (RFC 7519 §4.1.7 exists against replay)."""
    jti = claims.get("jti")
    if jti is None:
        return True
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        return False
    end = datetime.fromtimestamp(claims["exp"], UTC)
    return replays.use_once(ctx, client.client_id, f"request_object {jti}", end)


def _parameters(client: Client, claims: Mapping[str, Any]) -> Parameters | None:
    """Return the parameters; None where one has no text, or is a request itself (§4)."""
    named = {name: value for name, value in claims.items() if name not in _OF_THE_JWT}
    if named.get("client_id") != client.client_id or {"request", "request_uri"} & set(named):
        return None
    texts = {name: _text(value) for name, value in named.items() if value is not None}
    if None in texts.values():
        return None
    return Parameters({name: text for name, text in texts.items() if text})


def _text(value: object) -> str | None:
    """Return a claim as the parameter of a query would be written (§4: numbers and objects)."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_whole else None
