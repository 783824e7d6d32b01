"""Claims about a person, by scope. OpenID Connect Core §5.1 and §5.4."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol


class Person(Protocol):
    """What claims are made of; a row that has these columns will do."""

    username: str
    account_type: str
    prefix: str
    first_name: str
    middle_initial: str
    last_name: str
    suffix: str
    email: str
    email_verified_at: datetime | None
    mobile_number: str
    address: Mapping[str, Any] | None
    language: str
    standard_claims: Mapping[str, Any] | None
    updated_at: datetime


# Claims of the scope profile that no form here asks for; an account may hold them all the same.
FURTHER_PROFILE_CLAIMS = (
    "nickname", "profile", "picture", "website", "gender", "birthdate", "zoneinfo",
)  # fmt: skip
SUPPORTED = (
    "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "sid",
    "name", "given_name", "middle_name", "family_name", "preferred_username", "locale",
    "updated_at", *FURTHER_PROFILE_CLAIMS, "email", "email_verified", "phone_number",
    "phone_number_verified", "address", "ncid", "access",
)  # fmt: skip


def of_person(person: Person, scopes: Collection[str]) -> dict[str, Any]:
    """Return the userinfo claims that the scopes allow; what is empty is left out (§5.3.2)."""
    claims: dict[str, Any] = {}
    if "profile" in scopes:
        claims |= _profile(person)
    if "email" in scopes:
        claims |= {"email": person.email, "email_verified": person.email_verified_at is not None}
    if "phone" in scopes and person.mobile_number:
        # Nobody has proven that the number is theirs, so it is never called verified (§5.1).
        claims |= {"phone_number": person.mobile_number, "phone_number_verified": False}
    if "address" in scopes and person.address:
        claims["address"] = dict(person.address)
    if "ncid" in scopes:
        claims["ncid"] = ncid(person.username, person.account_type)
    return claims


def ncid(username: str, account_type: str) -> dict[str, str]:
    """Return the claim of the scope `ncid`: how this provider itself knows the person."""
    return {"username": username, "account_type": account_type}


def _profile(person: Person) -> dict[str, Any]:
    parts = (
        person.prefix, person.first_name, person.middle_initial, person.last_name, person.suffix,
    )  # fmt: skip
    claims = {
        "name": " ".join(part for part in parts if part),
        "given_name": person.first_name,
        "middle_name": person.middle_initial,
        "family_name": person.last_name,
        "preferred_username": person.username,
        "locale": person.language,
        "updated_at": int(person.updated_at.timestamp()),
    }
    further = {name: (person.standard_claims or {}).get(name) for name in FURTHER_PROFILE_CLAIMS}
    return {name: value for name, value in (claims | further).items() if value}
