"""Whether the session and the person behind a grant still stand: asked at every use.

The columns named here are all that this folder needs to see of the tables of `idp.people`, so that
one statement can read them beside the token that is used.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, String, column, table

from idp.foundation.context import Context
from idp.foundation.database import JSONText, UTCDateTime
from idp.people.sessions.rules import is_over

SESSION = table(
    "session",
    column("id", String),
    column("sid", String),
    column("ended_at", UTCDateTime),
    column("last_action_at", UTCDateTime),
    column("overall_ends_at", UTCDateTime),
)
SESSION_CLIENT = table(
    "session_client",
    column("session_id", String),
    column("client_id", String),
)
ACCOUNT = table(
    "account",
    column("id", String),
    column("state", String),
    column("username", String),
    column("account_type", String),
    column("prefix", String),
    column("first_name", String),
    column("middle_initial", String),
    column("last_name", String),
    column("suffix", String),
    column("email", String),
    column("email_verified_at", UTCDateTime),
    column("mobile_number", String),
    column("address", JSONText),
    column("language", String),
    column("updated_at", UTCDateTime),
)

# accounts.md section 4: an account that still has to enrol a factor reaches no application.
_MAY_ENTER = "active"


def may_enter(account_state: str) -> bool:
    """Tell whether an account in this state reaches applications."""
    return account_state == _MAY_ENTER


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a session and its account as read beside a token."""

    ended_at: datetime | None
    last_action_at: datetime
    overall_ends_at: datetime
    account_state: str

    @classmethod
    def of(cls, row: Row[Any, *tuple[Any, ...]]) -> "Standing":
        """Read it from a row that has the four columns by these names."""
        return cls(row.ended_at, row.last_action_at, row.overall_ends_at, row.account_state)

    def holds(self, ctx: Context) -> bool:
        """Tell whether the session lives, by the people's own rules, and its account is active."""
        if self.ended_at is not None or not may_enter(self.account_state):
            return False
        idle = ctx.policies.session.idle_seconds
        return not is_over(self.last_action_at, self.overall_ends_at, idle, ctx.now())
