"""The one parent of the policy types."""

from pydantic import BaseModel, ConfigDict


class Policy(BaseModel):
    """A part of a policy file: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
