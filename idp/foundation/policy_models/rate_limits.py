"""Types of policies/rate_limits.toml."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from idp.foundation.policy_models.base import Policy


class LimitName(StrEnum):
    """Everything that is counted; a limit that code asks for and policy forgot cannot exist."""

    SIGN_IN_IDENTIFIER_IP = "sign_in_identifier_ip"
    SIGN_IN_IP = "sign_in_ip"
    SIGN_IN_NETWORK = "sign_in_network"
    SIGN_IN_FAILURES = "sign_in_failures"
    REGISTRATION_IP = "registration_ip"
    CODE_REQUEST_IP = "code_request_ip"
    POST_IP = "post_ip"
    TRANSACTIONS_NETWORK = "transactions_network"
    CLIENT_AUTHENTICATION_FAILURES = "client_authentication_failures"
    CLIENT_AUTHENTICATION_FAILURES_IP = "client_authentication_failures_ip"
    DEVICE_REQUESTS = "device_requests"
    DEVICE_USER_CODES = "device_user_codes"


class Limit(Policy):
    """At most `amount` in any `per_seconds`."""

    amount: int = Field(gt=0)
    per_seconds: int = Field(gt=0)


class MailSpacing(Policy):
    """How often mails of one kind go to one address."""

    waits_seconds: tuple[int, ...] = Field(min_length=1)
    per_hour: int = Field(gt=0)
    per_day: int = Field(gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if list(self.waits_seconds) != sorted(self.waits_seconds):
            raise ValueError("waits_seconds must not fall")
        if self.per_hour > self.per_day:
            raise ValueError("per_hour must not exceed per_day")
        return self


class RateLimitsPolicy(Policy):
    """How often something may be tried."""

    limits: Mapping[LimitName, Limit]
    code_mail: MailSpacing
    no_account_mail: MailSpacing
    restore_mail: MailSpacing

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if missing := set(LimitName) - set(self.limits):
            raise ValueError(f"no limit given for: {', '.join(sorted(missing))}")
        return self
