"""Alembic's entry: applies the scripts through the engine that the caller brings."""

from alembic import context
from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from idp.foundation.database import Base

_POSTGRES_LOCK = 5_162_342_026  # two nodes that start at once migrate one after the other


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})")
        context.run_migrations()


def _online(engine: Engine) -> None:
    with engine.connect().execution_options(idp_writes=True) as connection:
        _let_tables_be_rebuilt(connection, is_allowed=True)
        try:
            _run(connection)
        finally:
            connection.rollback()
            _let_tables_be_rebuilt(connection, is_allowed=False)


def _let_tables_be_rebuilt(connection: Connection, *, is_allowed: bool) -> None:
    """SQLite changes a column by copying its table; the old one's end must delete nothing else.

    Said on the driver's connection: inside a transaction the pragma would do nothing.
    """
    driver = connection.connection.driver_connection
    if connection.dialect.name == "sqlite" and driver is not None:
        driver.execute(f"PRAGMA foreign_keys={'OFF' if is_allowed else 'ON'}")


_online(context.config.attributes["engine"])
