"""Types of policies/lockout.toml."""

from pydantic import Field

from idp.foundation.policy_models.base import Policy


class LockoutPolicy(Policy):
    """When tries are refused; all times in seconds."""

    password_failures: int = Field(gt=0)
    password_window_seconds: int = Field(gt=0)
    password_lock_seconds: int = Field(gt=0)
    password_lock_max_seconds: int = Field(gt=0)
    password_quiet_seconds: int = Field(gt=0)
    password_total_failures: int = Field(gt=0, le=100)
    known_browser_failures: int = Field(gt=0)
    mfa_failures: int = Field(gt=0)
    mfa_window_seconds: int = Field(gt=0)
    mfa_warn_left: int = Field(ge=0)
    mfa_lock_seconds: int = Field(gt=0)
    mfa_total_failures: int = Field(gt=0)
