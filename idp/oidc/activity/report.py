"""What a report of activity asks, and what it changes. protocol.md, Activity; after CAEP §3.7.

One clock ends the whole single sign-on session, so a person who works in a portal keeps it; a
report can do no more than say when the person acted.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.oidc.clients.client import Client
from idp.oidc.connections import reading
from idp.oidc.errors import ProtocolError, invalid_request
from idp.oidc.grants import store
from idp.oidc.parameters import Parameters
from idp.people.sessions import service as sessions
from idp.people.sessions.service import CurrentSession

_SECONDS = re.compile(r"[0-9]{1,11}(\.[0-9]{1,9})?")
_LONGEST_SID = 128


@dataclass(frozen=True, slots=True)
class Report:
    """sid: the session as the application knows it. acted_at: when the person acted, or None."""

    sid: str
    acted_at: datetime | None


def read(parameters: Parameters, now: datetime, skew_seconds: int) -> Report | ProtocolError:
    """Return the report, or the error of what cannot be one.

    A moment further ahead than the skew is refused; within it, it counts as now.
    """
    sid, acted_at = parameters.get("sid"), parameters.get("acted_at")
    if sid is None or len(sid) > _LONGEST_SID:
        return invalid_request("sid is missing or too long.")
    if acted_at is None:
        return Report(sid, None)
    if not _SECONDS.fullmatch(acted_at):
        return invalid_request("acted_at must be seconds since 1970.")
    latest = now + timedelta(seconds=skew_seconds)
    if float(acted_at) > latest.timestamp():
        return invalid_request("acted_at lies in the future.")
    return Report(sid, min(datetime.fromtimestamp(float(acted_at), UTC), now))


def apply(ctx: Context, client: Client, report: Report) -> dict[str, Any]:
    """Note the action, if one is reported, and return how long the session lives.

    A session that is over stays over, and one in which the client takes no part is none to it.
    """
    session = _session(ctx, client, report.sid)
    if session and report.acted_at:
        with writing(ctx.db):
            session = sessions.record_activity(ctx, session.id, report.acted_at)
    if session is None:
        return {"active": False}
    return {
        "active": True,
        "idle_ends_at": int(session.idle_ends_at.timestamp()),
        "overall_ends_at": int(session.overall_ends_at.timestamp()),
    }


def _session(ctx: Context, client: Client, sid: str) -> CurrentSession | None:
    with reading(ctx) as connection:
        if "\0" in sid or not store.takes_part(connection, sid, client.client_id):
            return None
    return sessions.find_by_sid(ctx, sid)
