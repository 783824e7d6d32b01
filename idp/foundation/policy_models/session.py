"""Types of policies/session.toml."""

from typing import Self

from pydantic import Field, model_validator

from idp.foundation.policy_models.base import Policy


class SessionPolicy(Policy):
    """How long a session lives; all times in seconds."""

    idle_seconds: int = Field(gt=0)
    warning_seconds: int = Field(gt=0)
    overall_seconds: int = Field(gt=0)
    transaction_seconds: int = Field(gt=0)
    step_up_seconds: int = Field(gt=0)
    kept_form_seconds: int = Field(gt=0)
    kept_form_bytes: int = Field(gt=0)
    kept_forms: int = Field(gt=0)
    known_browser_seconds: int = Field(gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.warning_seconds < self.idle_seconds < self.overall_seconds:
            raise ValueError("warning_seconds < idle_seconds < overall_seconds must hold")
        return self
