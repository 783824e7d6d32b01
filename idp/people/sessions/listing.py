"""A person's own sessions, as the person sees and ends them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from idp.foundation.context import Context
from idp.people.sessions import service as sessions
from idp.people.sessions.model import SessionClient, SessionRow


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A living session. applications: the names, by language, of those that take part in it."""

    id: str
    user_agent: str
    ip: str
    began_at: datetime
    last_action_at: datetime
    applications: Sequence[Mapping[str, str]]


def listed(ctx: Context, account_id: str) -> list[ListedSession]:
    """Return the living sessions of an account, the one used last first."""
    rows = ctx.db.scalars(
        select(SessionRow)
        .where(SessionRow.account_id == account_id, SessionRow.ended_at.is_(None))
        .order_by(SessionRow.last_action_at.desc(), SessionRow.id.desc())
    ).all()
    return [_listed(ctx, row) for row in rows if sessions.find_by_id(ctx, row.id)]


def end_one(ctx: Context, account_id: str, session_id: str) -> bool:
    """End one session of an account, inside `writing`; False when none of theirs has this key."""
    row = ctx.db.get(SessionRow, session_id)
    if row is None or row.account_id != account_id:
        return False
    return sessions.end_session(ctx, session_id, "sign_out")


def _listed(ctx: Context, row: SessionRow) -> ListedSession:
    names = select(SessionClient.client_names).where(SessionClient.session_id == row.id)
    return ListedSession(
        id=row.id,
        user_agent=row.user_agent or "",
        ip=row.ip or "",
        began_at=row.created_at,
        last_action_at=row.last_action_at,
        applications=[found for found in ctx.db.scalars(names) if found],
    )
