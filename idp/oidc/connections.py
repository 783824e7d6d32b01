"""Connections for the endpoints that programs call: SQLAlchemy Core without the ORM's session.

A request of a program needs one or two prepared statements; a session would cost more than they do.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from idp.foundation.context import Context


def _engine(ctx: Context) -> Engine:
    bind = ctx.db.get_bind()
    return bind if isinstance(bind, Engine) else bind.engine


@contextmanager
def reading(ctx: Context) -> Iterator[Connection]:
    """Give a connection for reading: on PostgreSQL without a transaction around each statement."""
    engine = _engine(ctx)
    is_sqlite = engine.dialect.name == "sqlite"
    options = {} if is_sqlite else {"isolation_level": "AUTOCOMMIT"}
    with engine.connect().execution_options(**options) as connection:
        yield connection


@contextmanager
def committing(ctx: Context) -> Iterator[Connection]:
    """Give a connection whose statements are one transaction; commits at the end.

    On SQLite it begins IMMEDIATE, for the reason that `idp.foundation.database.writing` gives.
    """
    with (
        _engine(ctx).connect().execution_options(idp_writes=True) as connection,
        connection.begin(),
    ):
        yield connection
