"""Who is signed in, in the portal's own terms: claims read with care, keys turned into words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portals.shared.id_tokens import Identity
from portals.shared.language import N_

_ACCOUNT_TYPES = {
    "individual": N_("Individual account"),
    "business": N_("Business account"),
    "state": N_("State employee account"),
    "local": N_("Local government employee account"),
}
_METHODS = {
    frozenset({"pwd", "otp"}): N_("signed in with a password and a code from an app"),
    frozenset({"passkey"}): N_("signed in with a passkey"),
    frozenset({"pwd", "passkey"}): N_("signed in with a password and a passkey"),
    frozenset({"pwd"}): N_("signed in with a password"),
}
_ASSURANCE = {
    "urn:ncid:acr:aal1": N_("Level 1: one proof"),
    "urn:ncid:acr:aal2": N_("Level 2: two proofs of different kinds"),
    "urn:ncid:acr:aal2-phr": N_("Level 2: two proofs, safe from copied web pages"),
}
_ROLES = {
    "office_administrator": N_("Office Administrator"),
    "backup_office_administrator": N_("Backup Office Administrator"),
    "managing_relationship": N_("Managing Relationship"),
    "user_administrator": N_("User Administrator"),
    "enrollment_specialist": N_("Enrollment Specialist"),
    "general_user": N_("General user"),
    "operations": N_("Operations"),
    "delegated_administrator": N_("Delegated administrator"),
}
_RIGHTS = {
    "provider.eligibility": N_("Ask about a recipient's eligibility"),
    "provider.claims": N_("Submit claims and see their status"),
    "provider.prior_approval": N_("Request prior approval"),
    "provider.remittance": N_("See payments and remittance advice"),
    "provider.view_record": N_("See the provider record"),
    "provider.update_record": N_("Change the provider record"),
    "provider.user_administration": N_("Say who may do what"),
    "operations.portal": N_("Enter the operations portal"),
}


@dataclass(frozen=True)
class Access:
    """What a person may do at one organization; `until` as the provider wrote it."""

    organization: str
    npi: str
    role: str
    rights: tuple[str, ...]
    until: str

    @property
    def role_words(self) -> str:
        """The role as a message to translate; an unknown key as it is."""
        return _ROLES.get(self.role, _spaced(self.role))

    @property
    def right_words(self) -> list[str]:
        """The rights as messages to translate, in the order given."""
        return [_RIGHTS.get(right, right) for right in self.rights]


@dataclass(frozen=True)
class Person:
    """The person of a signed-in session, as the provider describes them at this moment."""

    name: str
    username: str
    email: str
    account_type: str
    acr: str
    amr: tuple[str, ...]
    auth_time: int
    access: tuple[Access, ...]

    @property
    def account_words(self) -> str:
        """The account type as a message to translate."""
        return _ACCOUNT_TYPES.get(self.account_type, _spaced(self.account_type))

    @property
    def method_words(self) -> str:
        """How the person signed in, as a message to translate."""
        return _METHODS.get(_methods(self.amr), N_("signed in"))

    @property
    def assurance_words(self) -> str:
        """How sure the sign-in is, as a message to translate; an unknown level as it is."""
        return _ASSURANCE.get(self.acr, self.acr)


def person_of(identity: Identity, claims: Mapping[str, Any]) -> Person:
    """Return the person that userinfo claims describe.

    What is missing or of another type than agreed counts as absent: a malformed right is no right.
    """
    account = claims.get("ncid")
    account = account if isinstance(account, Mapping) else {}
    entries = claims.get("access")
    username = _text(account, "username") or _text(claims, "preferred_username")
    return Person(
        name=_text(claims, "name") or username,
        username=username,
        email=_text(claims, "email"),
        account_type=_text(account, "account_type"),
        acr=identity.acr,
        amr=identity.amr,
        auth_time=identity.auth_time,
        access=tuple(map(_access, _mappings(entries))),
    )


def _mappings(entries: object) -> list[Mapping[str, Any]]:
    listed = entries if isinstance(entries, list) else []
    return [entry for entry in listed if isinstance(entry, Mapping)]


def _access(entry: Mapping[str, Any]) -> Access:
    rights = entry.get("rights")
    return Access(
        organization=_text(entry, "organization"),
        npi=_text(entry, "npi"),
        role=_text(entry, "role"),
        rights=tuple(right for right in rights if isinstance(right, str))
        if isinstance(rights, list)
        else (),
        until=_text(entry, "until"),
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _methods(amr: tuple[str, ...]) -> frozenset[str]:
    """Reduce RFC 8176 values to kinds of proof: a hardware or software key is a passkey."""
    passkey = {"hwk": "passkey", "swk": "passkey"}
    return frozenset(passkey.get(method, method) for method in amr if method not in {"mfa", "user"})


def _spaced(key: str) -> str:
    return key.replace("_", " ").capitalize()
