"""Types of policies/tokens.toml."""

from pydantic import Field

from idp.foundation.policy_models.base import Policy

_LONGEST_CODE_SECONDS = 600  # RFC 6749 §4.1.2
_LONGEST_LOGOUT_TOKEN_SECONDS = 120  # OpenID Connect Back-Channel Logout 1.0 §2.4


class TokensPolicy(Policy):
    """Lifetimes and sizes of the OpenID provider; all times in seconds."""

    authorization_code_seconds: int = Field(gt=0, le=_LONGEST_CODE_SECONDS)
    access_token_seconds: int = Field(gt=0)
    id_token_seconds: int = Field(gt=0)
    refresh_token_seconds: int = Field(gt=0)
    refresh_repeat_seconds: int = Field(ge=0)
    logout_token_seconds: int = Field(gt=0, le=_LONGEST_LOGOUT_TOKEN_SECONDS)
    activity_skew_seconds: int = Field(ge=0)
    client_cache_seconds: int = Field(ge=0)
    request_bytes: int = Field(gt=0)
    request_parameters: int = Field(gt=0)
    backchannel_seconds: int = Field(gt=0, le=5)
    backchannel_answer_bytes: int = Field(gt=0)
    keep_ended_seconds: int = Field(gt=0)
    purge_batch: int = Field(gt=0)
