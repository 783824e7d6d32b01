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
    column("standard_claims", JSONText),
    column("updated_at", UTCDateTime),
    column("grants_end_before", UTCDateTime),
)
CONSENT = table(
    "consent",
    column("id", String),
    column("withdrawn_at", UTCDateTime),
)

# accounts.md section 4: an account that still has to enrol a factor reaches no application.
_MAY_ENTER = "active"


def may_enter(account_state: str) -> bool:
    """Tell whether an account in this state reaches applications."""
    return account_state == _MAY_ENTER


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a session, its account and the consent, as read beside a token.

    A session that is long over has no row any more: its columns are None.
    """

    ended_at: datetime | None
    last_action_at: datetime | None
    overall_ends_at: datetime | None
    account_state: str
    grants_end_before: datetime | None
    consent_withdrawn_at: datetime | None
    granted_at: datetime
    is_offline: bool

    @classmethod
    def of(cls, row: Row[Any, *tuple[Any, ...]]) -> "Standing":
        """Read it from a row that has the columns by these names."""
        return cls(
            row.ended_at,
            row.last_action_at,
            row.overall_ends_at,
            row.account_state,
            row.grants_end_before,
            row.consent_withdrawn_at,
            row.granted_at,
            row.is_offline,
        )

    def holds(self, ctx: Context) -> bool:
        """Tell whether everything that the grant rests on still stands.

        An offline grant (Core §11) does without its session, and without nothing else.
        """
        return self._is_granted() and (self.is_offline or self.has_session(ctx))

    def has_session(self, ctx: Context) -> bool:
        """Tell whether the session lives, by the people's own rules."""
        if self.ended_at is not None or not (self.last_action_at and self.overall_ends_at):
            return False
        idle = ctx.policies.session.idle_seconds
        return not is_over(self.last_action_at, self.overall_ends_at, idle, ctx.now())

    def _is_granted(self) -> bool:
        is_ended = self.grants_end_before is not None and self.granted_at <= self.grants_end_before
        return may_enter(self.account_state) and not is_ended and self.consent_withdrawn_at is None
