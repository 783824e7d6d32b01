"""Types of policies/mfa.toml."""

from pydantic import Field

from idp.foundation.policy_models.base import Policy


class MfaPolicy(Policy):
    """The second factor."""

    totp_secret_bytes: int = Field(ge=20)
    totp_digits: int = Field(ge=6, le=8)
    totp_period_seconds: int = Field(gt=0)
    totp_window_steps: int = Field(ge=0, le=1)
    recovery_codes: int = Field(gt=0)
    recovery_code_characters: int = Field(ge=13)
    recovery_codes_reminder: int = Field(ge=0)
    totp_apps: int = Field(gt=0)
    passkeys: int = Field(gt=0)
    passkey_challenge_seconds: int = Field(ge=300, le=600)
    hold_seconds: int = Field(gt=0)
    recovery_delay_seconds: int = Field(gt=0)
    recoveries: int = Field(gt=0)
    recoveries_within_seconds: int = Field(gt=0)
