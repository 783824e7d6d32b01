"""Types of policies/password.toml."""

from typing import Self

from pydantic import Field, model_validator

from idp.foundation.policy_models.base import Policy


class PasswordProfile(Policy):
    """One set of rules for new passwords; lengths in code points after NFC."""

    min_length: int = Field(ge=8)
    max_length: int = Field(le=128)
    min_categories: int = Field(ge=0, le=5)
    refuses_personal: bool
    refuses_common_words: bool
    refuses_sequences: bool
    history: int = Field(ge=0)


class HashPolicy(Policy):
    """Cost of Argon2id: memory in KiB, passes, lanes; and how many run at once in one process."""

    memory_kib: int = Field(ge=8)
    time_cost: int = Field(ge=1)
    parallelism: int = Field(ge=1)
    slots: int = Field(ge=1, description="hashes computed at once in one process")
    wait_seconds: float = Field(gt=0, description="longest wait for a slot before 503")


class PasswordPolicy(Policy):
    """Which passwords are accepted and how they are kept."""

    profile: str
    hash: HashPolicy
    common_words: int = Field(gt=0)
    common_word_min_length: int = Field(gt=0)
    service_words: tuple[str, ...]
    name_part_min_length: int = Field(gt=0)
    profiles: dict[str, PasswordProfile]

    @model_validator(mode="after")
    def _profile_exists(self) -> Self:
        if self.profile not in self.profiles:
            raise ValueError(f"profile {self.profile!r} is not among the profiles")
        return self

    @property
    def active(self) -> PasswordProfile:
        """The profile in force."""
        return self.profiles[self.profile]
