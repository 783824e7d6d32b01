"""Types of policies/accounts.toml."""

from typing import Self

from pydantic import Field, model_validator

from idp.foundation.policy_models.base import Policy


class AccountsPolicy(Policy):
    """How an account begins and ends.

    dormant_notice_days: how long before it is archived a silent person is written to, each time.
    """

    username_min_length: int = Field(gt=0)
    invited_username_min_length: int = Field(gt=0)
    username_max_length: int = Field(gt=0)
    unconfirmed_seconds: int = Field(gt=0)
    reserved_usernames: list[str]
    terms_version: str
    closing_seconds: int = Field(gt=0)
    dormant_days: int = Field(gt=0)
    dormant_notice_days: tuple[int, ...] = Field(min_length=1)
    archived_days: int = Field(gt=0)

    @model_validator(mode="after")
    def _notices_in_time(self) -> Self:
        days = self.dormant_notice_days
        if list(days) != sorted(set(days), reverse=True) or not 0 < days[-1] <= days[0]:
            raise ValueError("dormant_notice_days must fall, to one day at least")
        if days[0] >= self.dormant_days:
            raise ValueError("the first notice cannot go out before the last sign-in")
        return self
