"""The portal's own small SQLite file: sessions, started sign-ins, received logout notices."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_VERSION = 1
_BUSY_SECONDS = 5

_SCHEMA = """
CREATE TABLE sessions (
    key TEXT PRIMARY KEY,                                -- SHA-256 of the cookie
    expires_at INTEGER NOT NULL,                         -- the row is forgotten then
    notice_version TEXT,                                 -- the legal notice that was accepted
    notice_accepted_at INTEGER,
    sign_out_state TEXT,                                 -- hash: what the provider must bring back
    ended_reason TEXT,                                   -- why the person is signed out
    sub TEXT,                                            -- from here on: while signed in
    sid TEXT,
    granted TEXT,                                        -- tokens, sealed under the cookie
    access_expires_at INTEGER NOT NULL DEFAULT 0,
    refreshing_until INTEGER NOT NULL DEFAULT 0,         -- one request at a time renews the tokens
    last_action_at INTEGER NOT NULL DEFAULT 0,
    reported_action_at INTEGER NOT NULL DEFAULT 0,
    next_report_at INTEGER NOT NULL DEFAULT 0,
    provider_idle_ends_at INTEGER NOT NULL DEFAULT 0,
    provider_asked_at INTEGER NOT NULL DEFAULT 0,
    overall_ends_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_sid ON sessions (sid) WHERE sid IS NOT NULL;
CREATE INDEX sessions_by_sub ON sessions (sub) WHERE sub IS NOT NULL;

CREATE TABLE sign_ins (
    state TEXT PRIMARY KEY,                              -- SHA-256 of the state parameter
    session_key TEXT NOT NULL,
    sealed TEXT NOT NULL,                                -- nonce, verifier, goal; under the cookie
    expires_at INTEGER NOT NULL
);
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);

CREATE TABLE logout_notices (
    jti TEXT PRIMARY KEY,
    sid TEXT,
    sub TEXT,
    issued_at INTEGER NOT NULL,
    forget_at INTEGER NOT NULL
);
CREATE INDEX logout_notices_by_sid ON logout_notices (sid);
CREATE INDEX logout_notices_by_sub ON logout_notices (sub);
CREATE INDEX logout_notices_by_age ON logout_notices (forget_at);
"""


class Database:
    """Opens one short connection for each use case; safe from any thread and process."""

    def __init__(self, path: Path) -> None:
        """path: the file, made with its tables when absent; OSError when its folder cannot be."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(self._open()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        self._migrate()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection for queries; sqlite3.Error when the file cannot be read."""
        with closing(self._open()) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection inside one transaction: committed at the end, undone by an exception.

        BEGIN IMMEDIATE takes the write lock first, so that what is read before a write cannot
        change in between; a lock held longer than five seconds raises sqlite3.OperationalError.
        """
        with closing(self._open()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    def _migrate(self) -> None:
        """Make the tables once; a file of a newer program is refused rather than damaged."""
        with self.writing() as connection:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if version > _VERSION:
                raise RuntimeError(f"{self._path} was written by a newer version of this program")
            if version == 0:
                for statement in _SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {_VERSION}")
