"""Whether a signed-in session is still in time: the portal's clock first, then the provider's."""

from dataclasses import dataclass
from typing import Literal

from portals.shared import sessions
from portals.shared.clock import Clock
from portals.shared.database import Database
from portals.shared.idle_rules import is_over, is_past_overall, seconds_left
from portals.shared.provider import Activity, Provider
from portals.shared.refusals import ProviderUnreachable
from portals.shared.sessions import Session

# A page that only watches asks this often at most, however many tabs are open.
_QUESTION_SECONDS = 10
_MARGIN_SECONDS = 10


@dataclass(frozen=True)
class Verdict:
    """`alive`; `ended` with its reason; `unsure` when only the provider could say and is away."""

    state: Literal["alive", "ended", "unsure"]
    reason: str = ""


ALIVE = Verdict("alive")


@dataclass(frozen=True)
class Liveness:
    """Judges sessions by the one clock of the single sign-on session."""

    database: Database
    provider: Provider
    clock: Clock
    idle_seconds: int
    warning_seconds: int

    def judge(self, session: Session) -> Verdict:
        """Say whether a signed-in session may go on; extends nothing.

        When fifteen minutes have passed here the person may still be working in another portal:
        the provider is asked before the session is given up.
        """
        now = self.clock.now()
        if is_past_overall(session.times, now):
            return Verdict("ended", "overall")
        if not is_over(session.times, self.idle_seconds, now):
            return ALIVE
        try:
            answer = self._ask(session)
        except ProviderUnreachable:
            return Verdict("unsure")
        if answer is not None and answer.is_active and now < answer.idle_ends_at:
            return ALIVE
        return Verdict("ended", "idle")

    def watch(self, session: Session) -> int:
        """Return the seconds left, for a page that only watches; 0 when the session is over.

        session: judged to be alive a moment ago. Near the end the provider is asked, so that no
        warning opens while the person works in another portal.
        """
        left = self.seconds_left(session)
        if left > self.warning_seconds + _MARGIN_SECONDS:
            return left
        if self._is_over_there(session):
            return 0
        newest = self._newest(session)
        return self.seconds_left(newest) if newest and newest.is_signed_in else 0

    def seconds_left(self, session: Session) -> int:
        """Return the seconds until the session ends unless somebody acts."""
        return seconds_left(session.times, self.idle_seconds, self.clock.now())

    def _is_over_there(self, session: Session) -> bool:
        """Whether the provider says so; an answer that cannot be had changes nothing yet."""
        now = self.clock.now()
        if not sessions.claim_question(self.database, session.key, now, _QUESTION_SECONDS):
            return False
        try:
            answer = self._ask(session)
        except ProviderUnreachable:
            return False
        return answer is not None and not answer.is_active

    def _ask(self, session: Session) -> Activity | None:
        """Ask without reporting an action, and keep what the provider knows."""
        answer = self.provider.activity(session.sid or "")
        if answer is not None and answer.is_active:
            sessions.record_answer(self.database, session.key, answer, self.clock.now())
        return answer

    def _newest(self, session: Session) -> Session | None:
        with self.database.reading() as rows:
            return sessions.of_key(rows, session.key)
