"""Claims asked for one by one, beside those of the scopes. OpenID Connect Core §5.5.

A claim is given where the client is registered for a scope that holds it: asking one by one asks
for less than the scope, never for more (case UI-02).
"""

from collections.abc import Collection, Mapping
from typing import Any

from idp.oidc.claims import FURTHER_PROFILE_CLAIMS, Person, of_person

_OF_SCOPE: Mapping[str, tuple[str, ...]] = {
    "profile": (
        "name", "given_name", "middle_name", "family_name", "preferred_username", "locale",
        "updated_at", *FURTHER_PROFILE_CLAIMS,
    ),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "address": ("address",),
    "ncid": ("ncid",),
    "access": ("access",),
}  # fmt: skip
SCOPE_OF = {claim: scope for scope, claims in _OF_SCOPE.items() for claim in claims}


def allowed(names: Collection[str], client_scopes: Collection[str]) -> list[str]:
    """Return the names of personal claims among these that a client may have, in order."""
    return sorted(name for name in names if SCOPE_OF.get(name) in client_scopes)


def scopes_of(names: Collection[str]) -> set[str]:
    """Return the scopes that hold these claims: what a person reads when asked to agree."""
    return {SCOPE_OF[name] for name in names}


def of(person: Person, names: Collection[str]) -> dict[str, Any]:
    """Return these claims of a person; what is empty is left out, `access` is the caller's."""
    claims = of_person(person, scopes_of(names))
    return {name: value for name, value in claims.items() if name in names}
