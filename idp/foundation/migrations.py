"""Migrations: `migrations/` applied by Alembic, the same scripts on SQLite and PostgreSQL."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.engine import Connection

_FOLDER = Path(__file__).resolve().parent.parent.parent / "migrations"


def _config(engine: Engine | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.set_main_option("prepend_sys_path", str(_FOLDER.parent))
    config.attributes["engine"] = engine
    return config


@cache
def scripts() -> ScriptDirectory:
    """Return the scripts of this code."""
    return ScriptDirectory.from_config(_config())


@cache
def older_revisions() -> frozenset[str]:
    """Return every revision before this code's newest; walks the scripts once in a process."""
    directory = scripts()
    known = {script.revision for script in directory.walk_revisions()}
    return frozenset(known - {str(directory.get_current_head())})


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring a database to a revision; does nothing when it is there already."""
    command.upgrade(_config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take a database back to a revision ("base": nothing is left)."""
    command.downgrade(_config(engine), revision)


def current_revision(connection: Connection) -> str | None:
    """Return the revision that a database is at, or None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()
