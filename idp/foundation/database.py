"""The database: connections, column types and the one way to write.

SQLite is set up for durability and for several processes: WAL, foreign keys, a busy timeout and
`synchronous=FULL` (an acknowledged write survives a power cut). PostgreSQL needs no settings here.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, Text, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_SECONDS = 5
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Parent of every row class; names every constraint, so that migrations can drop it."""

    metadata = MetaData(naming_convention=_NAMES)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware UTC in Python on both databases (SQLite alone would hand it back naive)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC for the database; ValueError on a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must carry its time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back aware and in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JSONText(TypeDecorator[Any]):
    """A JSON value kept as text: the same bytes on both databases, nothing to query inside."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write a JSON value as compact text with sorted keys."""
        return None if value is None else json.dumps(value, separators=(",", ":"), sort_keys=True)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the JSON value back."""
        return None if value is None else json.loads(value)


@contextmanager
def writing(session: Session) -> Iterator[Session]:
    """Run one use case as one transaction: commit at the end, roll back on an exception.

    On SQLite the transaction begins IMMEDIATE: a deferred one that reads first and writes later
    is refused at once ("database is locked") when another writer came between, whatever the
    timeout. What was read before is expired, so that a decision is never made on stale rows.
    RuntimeError when one is already open in this session: a use case does not nest.
    """
    if session.info.get("writing"):
        raise RuntimeError("a use case is already writing in this session")
    session.rollback()
    session.info["writing"] = True
    try:
        session.connection(execution_options={"idp_writes": True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("writing", None)


def engine_options(database_url: str) -> dict[str, Any]:
    """Return the options of create_engine for a database address.

    PostgreSQL: a dead connection is noticed before use, and nobody waits longer than 5 s for one.
    Error messages carry no values: they would take names and addresses to the log (case LX-01).
    """
    if database_url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": BUSY_TIMEOUT_SECONDS}}
    return {
        "hide_parameters": True,
        "pool_pre_ping": True,
        "pool_size": 8,
        "max_overflow": 8,
        "pool_timeout": 5,
        "connect_args": {"connect_timeout": 5},
    }


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # SQLAlchemy's "begin" below opens the transaction
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    writes = connection.get_execution_options().get("idp_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
