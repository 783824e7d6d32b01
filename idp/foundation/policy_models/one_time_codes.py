"""Types of policies/one_time_codes.toml."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from idp.foundation.policy_models.base import Policy


class Purpose(StrEnum):
    """What a one-time code or link is for; one made for a purpose never serves another."""

    EMAIL_VERIFICATION = "email_verification"
    UNLOCK = "unlock"
    PASSWORD_RESET = "password_reset"
    INVITATION = "invitation"
    EMAIL_CHANGE = "email_change"
    EMAIL_CHANGE_UNDO = "email_change_undo"
    MFA_RECOVERY = "mfa_recovery"
    MFA_REPLACEMENT = "mfa_replacement"
    MFA_RECOVERY_CANCEL = "mfa_recovery_cancel"
    CLOSING_UNDO = "closing_undo"
    ACCOUNT_RESTORE = "account_restore"
    DISAVOWAL = "disavowal"
    SUPPORT_CALL = "support_call"
    PIN_CHOICE = "pin_choice"


class Life(Policy):
    """How long the code and the link of one mail work, from its hand-over to the mail server.

    when_late: whether a mail that could not be handed over in time says "ask again" instead.
    """

    code_seconds: int = Field(gt=0)
    link_seconds: int = Field(gt=0)
    when_late: Literal["ask_again", "send"] = "ask_again"

    @model_validator(mode="after")
    def _code_first(self) -> Self:
        if self.code_seconds > self.link_seconds:
            raise ValueError("a code can be guessed, a link cannot: the code must not live longer")
        return self


class OneTimeCodesPolicy(Policy):
    """Mailed codes and links."""

    digits: int = Field(ge=6, le=10)
    tries: int = Field(gt=0, le=10)
    hand_over_seconds: int = Field(gt=0)
    lives: Mapping[Purpose, Life]

    def wait_seconds(self, purpose: Purpose) -> int:
        """Return how long a page may have to wait for a code that still works when it comes."""
        return self.hand_over_seconds + self.lives[purpose].code_seconds

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if missing := set(Purpose) - set(self.lives):
            raise ValueError(f"no life given for: {', '.join(sorted(missing))}")
        return self
