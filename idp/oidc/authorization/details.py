"""authorization_details: what the client wants beyond scopes. RFC 9396 §2 and §5."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from idp.oidc import strict_json
from idp.oidc.authorization.asked import Asked
from idp.oidc.authorization_details import esignature
from idp.oidc.errors import ProtocolError

TYPES: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {esignature.TYPE: esignature.is_valid}
_MOST = 10
_INVALID = "authorization_details holds an unknown type, or fields that do not fit it."


def wanted(asked: Asked) -> list[dict[str, Any]] | None:
    """Return what a checked request asks for, or None: nothing."""
    text = asked.get("authorization_details")
    found = strict_json.read(text) if text is not None else None
    return cast("list[dict[str, Any]] | None", found)


def check(asked: Asked) -> ProtocolError | None:
    """Refuse unknown types, types the client is not registered for, and fields that do not fit."""
    try:
        details = wanted(asked)
    except ValueError:
        return ProtocolError("invalid_authorization_details", "It is no JSON array.")
    if asked.get("authorization_details") is None or _are_valid(details, asked):
        return None
    return ProtocolError("invalid_authorization_details", _INVALID)


def _are_valid(details: object, asked: Asked) -> bool:
    if not isinstance(details, list) or not 0 < len(details) <= _MOST:
        return False
    return all(isinstance(detail, dict) and _is_valid(detail, asked) for detail in details)


def _is_valid(detail: Mapping[str, Any], asked: Asked) -> bool:
    kind = detail.get("type")
    may_ask = isinstance(kind, str) and kind in asked.client.authorization_details_types
    return may_ask and TYPES[str(kind)](detail)
