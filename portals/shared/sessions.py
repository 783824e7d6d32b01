"""Browser sessions of the portal: one row each, found by the hash of the cookie."""

import sqlite3
from dataclasses import dataclass

from portals.shared.database import Database
from portals.shared.idle_rules import Times
from portals.shared.provider import Activity
from portals.shared.secrets_kept import new_secret, secret_hash

# Long enough to register, read a mail and come back; then the row of a visitor is forgotten.
VISITOR_SECONDS = 7200


@dataclass(frozen=True)
class Session:
    """A browser session; `sub` is None while nobody is signed in."""

    key: str
    expires_at: int
    notice_version: str | None
    notice_accepted_at: int | None
    sign_out_state: str | None
    ended_reason: str | None
    sub: str | None
    sid: str | None
    granted: str | None
    access_expires_at: int
    times: Times

    @property
    def is_signed_in(self) -> bool:
        """Whether a person is signed in; whether still in time is for `liveness` to say."""
        return self.sub is not None


@dataclass(frozen=True)
class Entry:
    """What opens a signed-in session; `sealed` holds the tokens, bound to the new cookie."""

    sub: str
    sid: str
    sealed: str
    access_expires_at: int
    overall_ends_at: int
    issued_at: int


def start_visit(database: Database, now: int) -> str:
    """Open a session for a visitor and return its cookie; forgets the rows that are over."""
    cookie = new_secret()
    with database.writing() as rows:
        for table in ("sessions", "sign_ins"):
            rows.execute(f"DELETE FROM {table} WHERE expires_at <= ?", (now,))  # noqa: S608 - two fixed names
        rows.execute("DELETE FROM logout_notices WHERE forget_at <= ?", (now,))
        rows.execute(
            "INSERT INTO sessions (key, expires_at) VALUES (?, ?)",
            (secret_hash(cookie), now + VISITOR_SECONDS),
        )
    return cookie


def find(database: Database, cookie: str, now: int) -> Session | None:
    """Return the session of a cookie, or None when there is none or its row is over."""
    with database.reading() as rows:
        session = of_key(rows, secret_hash(cookie))
    return session if session and session.expires_at > now else None


def of_key(rows: sqlite3.Connection, key: str) -> Session | None:
    """Return the session of a key, inside a connection of the caller."""
    row = rows.execute("SELECT * FROM sessions WHERE key = ?", (key,)).fetchone()
    return _session(row) if row else None


def accept_notice(database: Database, key: str, version: str, now: int) -> None:
    """Keep that the legal notice of this version was accepted, and when."""
    with database.writing() as rows:
        rows.execute(
            "UPDATE sessions SET notice_version = ?, notice_accepted_at = ? WHERE key = ?",
            (version, now, key),
        )


def enter(database: Database, visitor: Session, cookie: str, entry: Entry, now: int) -> bool:
    """Turn a visitor's session into a signed-in one under a new cookie (session id rotation).

    Returns False when a logout notice has already ended this session at the provider: the notice
    may overtake the browser while the code is being traded.
    """
    with database.writing() as rows:
        noticed = rows.execute(
            "SELECT 1 FROM logout_notices"
            " WHERE sid = ? OR (sid IS NULL AND sub = ? AND issued_at >= ?)",
            (entry.sid, entry.sub, entry.issued_at),
        ).fetchone()
        if noticed:
            return False
        rows.execute("DELETE FROM sessions WHERE key = ?", (visitor.key,))
        rows.execute(
            "INSERT INTO sessions (key, expires_at, notice_version, notice_accepted_at, sub, sid,"
            " granted, access_expires_at, last_action_at, reported_action_at, overall_ends_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(secret_hash(cookie), entry.overall_ends_at + VISITOR_SECONDS),
                *(visitor.notice_version, visitor.notice_accepted_at),
                *(entry.sub, entry.sid, entry.sealed, entry.access_expires_at),
                *(now, now, entry.overall_ends_at),
            ),
        )
    return True


def record_action(database: Database, key: str, now: int) -> None:
    """Keep that the person acted; never moves backwards, never touches an ended session."""
    with database.writing() as rows:
        rows.execute(
            "UPDATE sessions SET last_action_at = max(last_action_at, ?)"
            " WHERE key = ? AND sub IS NOT NULL",
            (now, key),
        )


def record_answer(database: Database, key: str, answer: Activity, now: int) -> None:
    """Keep what the provider said of the session's ends."""
    with database.writing() as rows:
        keep_answer(rows, key, answer, now)


def keep_answer(rows: sqlite3.Connection, key: str, answer: Activity, now: int) -> None:
    """The same inside a transaction of the caller."""
    rows.execute(
        "UPDATE sessions SET provider_idle_ends_at = ?, overall_ends_at = ?,"
        " provider_asked_at = ?, expires_at = ? WHERE key = ? AND sub IS NOT NULL",
        (
            *(answer.idle_ends_at, answer.overall_ends_at),
            *(now, answer.overall_ends_at + VISITOR_SECONDS, key),
        ),
    )


def claim_question(database: Database, key: str, now: int, pause: int) -> bool:
    """Whether this request may ask the provider now; at most one question in `pause` seconds."""
    with database.writing() as rows:
        claimed = rows.execute(
            "UPDATE sessions SET provider_asked_at = ? WHERE key = ? AND provider_asked_at <= ?",
            (now, key, now - pause),
        )
        return claimed.rowcount == 1


def end(database: Database, key: str, reason: str, now: int) -> None:
    """Sign the session out and wipe what it held; the reason is kept for the person's next page."""
    with database.writing() as rows:
        _end_where(rows, "key = ?", (key,), reason, now)


def end_noticed(rows: sqlite3.Connection, sid: str | None, sub: str | None, now: int) -> int:
    """Sign out the sessions that a logout notice names; returns how many there were."""
    if sid:
        return _end_where(rows, "sid = ?", (sid,), "provider", now)
    return _end_where(rows, "sub = ?", (sub,), "provider", now)


def _end_where(
    rows: sqlite3.Connection, condition: str, values: tuple[object, ...], reason: str, now: int
) -> int:
    return rows.execute(
        "UPDATE sessions SET sub = NULL, sid = NULL, granted = NULL, notice_version = NULL,"  # noqa: S608 - fixed conditions
        f" notice_accepted_at = NULL, ended_reason = ?, expires_at = ? WHERE {condition}",
        (reason, now + VISITOR_SECONDS, *values),
    ).rowcount


def leave(database: Database, key: str, sign_out_state: str | None, now: int) -> str:
    """Delete a session and open a visitor's under a new cookie, which is returned.

    sign_out_state: what the provider must bring back after RP-initiated logout.
    """
    cookie = start_visit(database, now)
    with database.writing() as rows:
        rows.execute("DELETE FROM sessions WHERE key = ?", (key,))
        if sign_out_state:
            rows.execute(
                "UPDATE sessions SET sign_out_state = ? WHERE key = ?",
                (secret_hash(sign_out_state), secret_hash(cookie)),
            )
    return cookie


def forget_ending(database: Database, key: str) -> None:
    """The person has been told why the session ended: it is a plain visitor's again."""
    with database.writing() as rows:
        rows.execute(
            "UPDATE sessions SET ended_reason = NULL, sign_out_state = NULL WHERE key = ?", (key,)
        )


def _session(row: sqlite3.Row) -> Session:
    return Session(
        key=row["key"],
        expires_at=row["expires_at"],
        notice_version=row["notice_version"],
        notice_accepted_at=row["notice_accepted_at"],
        sign_out_state=row["sign_out_state"],
        ended_reason=row["ended_reason"],
        sub=row["sub"],
        sid=row["sid"],
        granted=row["granted"],
        access_expires_at=row["access_expires_at"],
        times=Times(row["last_action_at"], row["provider_idle_ends_at"], row["overall_ends_at"]),
    )
