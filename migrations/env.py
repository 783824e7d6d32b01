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
        _run(connection)


_online(context.config.attributes["engine"])
