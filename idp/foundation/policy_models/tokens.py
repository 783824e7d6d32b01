"""Types of policies/tokens.toml."""

from typing import Self

from pydantic import Field, model_validator

from idp.foundation.policy_models.base import Policy

_LONGEST_CODE_SECONDS = 600  # RFC 6749 §4.1.2
_LONGEST_LOGOUT_TOKEN_SECONDS = 120  # OpenID Connect Back-Channel Logout 1.0 §2.4

_SHORTEST_PUSHED_SECONDS, _LONGEST_PUSHED_SECONDS = 5, 600  # RFC 9126 §2.2
_LONGEST_REQUEST_OBJECT_SECONDS = 3600  # FAPI 2.0 Message Signing §5.3.1


class TokensPolicy(Policy):
    """Lifetimes and sizes of the OpenID provider; all times in seconds."""

    authorization_code_seconds: int = Field(gt=0, le=_LONGEST_CODE_SECONDS)
    access_token_seconds: int = Field(gt=0)
    id_token_seconds: int = Field(gt=0)
    refresh_token_seconds: int = Field(gt=0)
    refresh_repeat_seconds: int = Field(ge=0)
    offline_refresh_seconds: int = Field(gt=0)
    offline_overall_seconds: int = Field(gt=0)
    pushed_request_seconds: int = Field(ge=_SHORTEST_PUSHED_SECONDS, le=_LONGEST_PUSHED_SECONDS)
    request_object_seconds: int = Field(gt=0, le=_LONGEST_REQUEST_OBJECT_SECONDS)
    request_object_skew_seconds: int = Field(ge=0)
    client_assertion_seconds: int = Field(gt=0)
    client_assertion_skew_seconds: int = Field(ge=0)
    logout_token_seconds: int = Field(gt=0, le=_LONGEST_LOGOUT_TOKEN_SECONDS)
    activity_skew_seconds: int = Field(ge=0)
    device_seconds: int = Field(gt=0)
    device_interval_seconds: int = Field(gt=0)
    device_fresh_seconds: int = Field(gt=0)
    jwks_cache_seconds: int = Field(ge=0)
    keys_reload_seconds: int = Field(ge=0)
    key_publish_seconds: int = Field(gt=0)
    key_keep_seconds: int = Field(gt=0)
    client_cache_seconds: int = Field(ge=0)
    request_bytes: int = Field(gt=0)
    request_parameters: int = Field(gt=0)
    backchannel_seconds: int = Field(gt=0, le=5)
    backchannel_answer_bytes: int = Field(gt=0)
    keep_ended_seconds: int = Field(gt=0)
    purge_batch: int = Field(gt=0)

    @model_validator(mode="after")
    def _keys_are_known_before_use(self) -> Self:
        if self.key_publish_seconds <= self.jwks_cache_seconds + self.keys_reload_seconds:
            raise ValueError("key_publish_seconds must exceed every time that keys are remembered")
        if self.key_keep_seconds < max(self.id_token_seconds, self.access_token_seconds):
            raise ValueError("key_keep_seconds must not be shorter than what the keys sign")
        return self
