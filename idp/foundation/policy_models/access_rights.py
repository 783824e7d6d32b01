"""Types of policies/access_rights.toml."""

from typing import Literal, Self

from pydantic import model_validator

from idp.foundation.policy_models.base import Policy


class Right(Policy):
    """One right: what it allows, in plain words by language."""

    en: str
    es: str


class Role(Policy):
    """One role: where it is held and which rights it brings by itself.

    held_at: "agency" means its divisions, sections and contractors as well.
    """

    held_at: Literal["state", "agency", "provider"]
    en: str
    es: str
    rights: tuple[str, ...] = ()


class AccessRightsPolicy(Policy):
    """The closed lists of roles and rights."""

    operations_organization: str
    rights: dict[str, Right]
    roles: dict[str, Role]

    @model_validator(mode="after")
    def _rights_exist(self) -> Self:
        for name, role in self.roles.items():
            if unknown := set(role.rights) - set(self.rights):
                raise ValueError(f"role {name} brings unknown rights {sorted(unknown)}")
        return self
