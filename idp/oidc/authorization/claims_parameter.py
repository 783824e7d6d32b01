"""claims: what the client wants to know, one by one. OpenID Connect Core §5.5."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.oidc import asked_claims, strict_json
from idp.oidc.authorization.asked import Asked
from idp.oidc.errors import ProtocolError, invalid_request

_PLACES = ("userinfo", "id_token")


class _Misshapen(ValueError):
    """A value of JSON that is not of the kind that stands here."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is said of one claim (§5.5.1). values: one of them should be the claim's; () any."""

    is_essential: bool = False
    values: tuple[object, ...] = ()


def check(asked: Asked) -> ProtocolError | None:
    """Refuse what is no JSON object of the parameter's shape; unknown claims are ignored."""
    try:
        _wishes(asked)
    except ValueError:
        return invalid_request("claims is not what OpenID Connect Core section 5.5 describes.")
    return None


def wish(asked: Asked, place: str, claim: str) -> Wish | None:
    """Return what a checked request says of a claim in one place, or None: nothing."""
    return _wishes(asked)[place].get(claim)


def kept(asked: Asked) -> dict[str, list[str]] | None:
    """Return the personal claims that a checked request may have, by place; None without any."""
    wishes = _wishes(asked)
    found = {place: asked_claims.allowed(wishes[place], asked.client.scopes) for place in _PLACES}
    return found if any(found.values()) else None


def _wishes(asked: Asked) -> dict[str, dict[str, Wish]]:
    text = asked.get("claims")
    asked_for = strict_json.read(text) if text is not None else {}
    if not isinstance(asked_for, dict):
        raise _Misshapen("not an object")
    return {place: _of_place(asked_for.get(place)) for place in _PLACES}


def _of_place(asked_for: object) -> dict[str, Wish]:
    if asked_for is None:
        return {}
    if not isinstance(asked_for, dict):
        raise _Misshapen("not an object")
    return {name: _wish(said) for name, said in asked_for.items()}


def _wish(said: object) -> Wish:
    if said is None:
        return Wish()
    if not isinstance(said, dict):
        raise _Misshapen("neither null nor an object")
    essential, values = said.get("essential", False), _values(said)
    if not isinstance(essential, bool):
        raise _Misshapen("essential is a boolean")
    return Wish(essential, values)


def _values(said: Mapping[str, Any]) -> tuple[object, ...]:
    many = said.get("values", [said["value"]] if "value" in said else [])
    if not isinstance(many, list):
        raise _Misshapen("values is an array")
    return tuple(many)
