"""One's own sessions, recognised browsers and history: seeing them, ending what should end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.flows.sessions import words
from idp.foundation.audit.events import Event
from idp.foundation.audit.service import AuditEvent, own_history, record
from idp.foundation.context import Context
from idp.foundation.database import writing
from idp.people.browsers import service as browsers
from idp.people.browsers.words import name_of
from idp.people.sessions import listing
from idp.people.sessions import service as sessions
from idp.people.sessions.service import CurrentSession
from idp.web.sessions import replace_cookie

_PAGE = 30


@dataclass(frozen=True, slots=True)
class Session:
    """A living session in words. applications: names of those that take part in it."""

    id: str
    browser: str
    ip: str
    began_at: datetime
    last_action_at: datetime
    applications: Sequence[str]
    is_this: bool


@dataclass(frozen=True, slots=True)
class Browser:
    """A recognised browser in words."""

    id: str
    name: str
    ip: str
    last_used_at: datetime
    expires_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened. what: marked text; browser and ip: of whoever did it, or ""."""

    happened_at: datetime
    what: str
    browser: str
    ip: str


@dataclass(frozen=True, slots=True)
class History:
    """A page of what happened. older: names the next page, None on the last one."""

    entries: Sequence[Entry]
    older: str | None


def my_sessions(ctx: Context, current: CurrentSession) -> list[Session]:
    """Return where the person is signed in, this browser first."""
    found = [
        Session(
            id=row.id,
            browser=name_of(row.user_agent, ctx.language),
            ip=row.ip,
            began_at=row.began_at,
            last_action_at=row.last_action_at,
            applications=sorted(name.get(ctx.language, name["en"]) for name in row.applications),
            is_this=row.id == current.id,
        )
        for row in listing.listed(ctx, current.account_id)
    ]
    return sorted(found, key=lambda one: not one.is_this)


def my_browsers(ctx: Context, current: CurrentSession, this: str | None) -> list[Browser]:
    """Return the recognised browsers, this one first; this: its key, if it is one of them."""
    found = [
        Browser(
            row.id,
            name_of(row.user_agent, ctx.language),
            row.ip,
            row.last_used_at,
            row.expires_at,
            row.id == this,
        )
        for row in browsers.listed(ctx, current.account_id)
    ]
    return sorted(found, key=lambda one: not one.is_this)


def end_session(ctx: Context, current: CurrentSession, session_id: str) -> bool:
    """End one other session of the person; False when there is none of theirs by this key."""
    with writing(ctx.db):
        return session_id != current.id and listing.end_one(ctx, current.account_id, session_id)


def end_others(ctx: Context, current: CurrentSession) -> int:
    """End every session of the person but this one, and every grant; return how many.

    This one goes on with another cookie: a copy of the former is worth nothing (case SE-01).
    """
    with writing(ctx.db):
        replace_cookie(ctx)
        return sessions.end_all(ctx, current.account_id, "sign_out_everywhere", keep=current.id)


def forget_browser(ctx: Context, current: CurrentSession, browser_id: str) -> bool:
    """Recognise a browser no longer; False when none of the person's has this key."""
    with writing(ctx.db):
        is_forgotten = browsers.end(ctx, current.account_id, browser_id)
        if is_forgotten:
            record(ctx, Event.BROWSER_FORGOTTEN, subject_id=current.account_id)
        return is_forgotten


def my_history(ctx: Context, account_id: str, before: str | None = None) -> History:
    """Return a page of what happened to the account, the newest first.

    before: as the page before named it; anything else begins somewhere, and shows nobody else's.
    """
    rows = own_history(ctx, account_id, _PAGE + 1, events=words.WORDS, before=before)
    entries = [_entry(ctx, account_id, row) for row in rows[:_PAGE]]
    return History(entries, rows[_PAGE - 1].id if len(rows) > _PAGE else None)


def _entry(ctx: Context, account_id: str, row: AuditEvent) -> Entry:
    what = words.text_of(Event(row.event), row.outcome, row.reason)
    # Where somebody of the staff or a worker sat is nobody's business but theirs.
    is_public = row.ip is not None and row.actor_id in {None, account_id}
    browser = name_of(row.user_agent, ctx.language) if is_public else ""
    return Entry(row.occurred_at, what, browser, (row.ip or "") if is_public else "")
