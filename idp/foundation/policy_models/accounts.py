"""Types of policies/accounts.toml."""

from pydantic import Field

from idp.foundation.policy_models.base import Policy


class AccountsPolicy(Policy):
    """How an account begins."""

    username_min_length: int = Field(gt=0)
    invited_username_min_length: int = Field(gt=0)
    username_max_length: int = Field(gt=0)
    unconfirmed_seconds: int = Field(gt=0)
    reserved_usernames: list[str]
    terms_version: str
