"""The scripts of migrations/ lead up and down on both databases, and end where the models are."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect

from idp.foundation import migrations
from idp.foundation.database import Base
from tests.parts.application import on_both_databases


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh migrated database."""
    import idp.app  # noqa: F401, PLC0415 - makes every model known

    made = create_engine(database_url)
    yield made
    made.dispose()


@on_both_databases
def test_the_scripts_end_where_the_models_are(engine: Engine) -> None:
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert not differences


@on_both_databases
def test_the_way_down_leaves_nothing_and_the_way_up_works_again(engine: Engine) -> None:
    before = set(inspect(engine).get_table_names())
    migrations.downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    migrations.upgrade(engine)
    assert set(inspect(engine).get_table_names()) == before


@on_both_databases
def test_going_up_twice_changes_nothing(engine: Engine) -> None:
    migrations.upgrade(engine)
    with engine.connect() as connection:
        assert migrations.current_revision(connection) == migrations.scripts().get_current_head()
