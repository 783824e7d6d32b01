"""The provider inside the test's own process: fast, with a clock that stands still.

Each test has a database of its own, copied from one that was migrated once. SQLite unless the test
is marked `postgres`; `on_both_databases` runs a test on each.
"""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from idp.foundation import migrations
from idp.foundation.clock import FixedClock
from idp.foundation.context import Context, Origin, Parts
from idp.foundation.database import db
from idp.settings import Settings
from tests.parts.postgres import PostgresServer
from tools.places import ROOT

ISSUER = "http://localhost:8000"
START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
# Strong enough to be a real Argon2id hash, cheap enough for thousands of tests.
_CHEAP_HASH = {"memory_kib": 64, "time_cost": 1, "parallelism": 1}

on_both_databases = pytest.mark.parametrize(
    "database_kind",
    ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
    indirect=True,
)


@dataclass(frozen=True)
class Templates:
    """Migrated databases that are copied for each test."""

    sqlite: Path
    policies: Path


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """A migrated SQLite file, and the policies with a cheap password hash."""
    folder = tmp_path_factory.mktemp("templates")
    sqlite_file = folder / "idp.sqlite3"
    _migrate(f"sqlite:///{sqlite_file}")
    with sqlite3.connect(sqlite_file) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # everything in the one file
    connection.close()
    return Templates(sqlite_file, _cheap_policies(folder / "policies"))


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a migrated PostgreSQL database."""
    address = postgres_server.create_database()
    _migrate(address)
    return address.rpartition("/")[2].partition("?")[0]


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on: "sqlite" or "postgres"."""
    chosen: str = getattr(request, "param", "")
    is_marked = request.node.get_closest_marker("postgres") is not None
    return chosen or ("postgres" if is_marked else "sqlite")


@pytest.fixture
def database_url(
    database_kind: str, templates: Templates, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The address of a fresh migrated database."""
    if database_kind == "sqlite":
        copied = shutil.copyfile(templates.sqlite, tmp_path / "idp.sqlite3")
        yield f"sqlite:///{copied}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    address = server.create_database(request.getfixturevalue("postgres_template"))
    yield address
    server.drop_database(address)


@pytest.fixture
def settings(templates: Templates, database_url: str, tmp_path: Path) -> Settings:
    """Settings of the environment "test", everything in the test's own folder."""
    return Settings(
        environment="test",
        issuer=ISSUER,
        database_url=database_url,
        data_dir=tmp_path,
        policies_dir=templates.policies,
    )


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still on a Monday morning until the test moves it."""
    return FixedClock(START)


@pytest.fixture(scope="session")
def compiled_pages(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Templates as Jinja compiles them: once for all applications of this process."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled-pages")))


@pytest.fixture
def app(settings: Settings, clock: FixedClock, compiled_pages: BytecodeCache) -> Iterator[Flask]:
    """The provider's application on the test's database."""
    # The portals' tests load these fixtures too and run without the provider's own modules.
    from idp.app import create_app  # noqa: PLC0415

    application = create_app(settings, clock)
    application.jinja_env.bytecode_cache = compiled_pages
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def parts(app: Flask) -> Parts:
    """What the application made once when it started."""
    made: Parts = app.extensions["idp"]
    return made


@pytest.fixture
def ctx(app: Flask, parts: Parts) -> Iterator[Context]:
    """The context of a use case outside any request, as the worker has it.

    Requests of the same test have sessions of their own; `ctx.db` sees what they committed. No
    application context is left open: Flask would share its `g`, and with it who is signed in,
    with every request of the test.
    """
    with app.app_context():
        engine = db.engine
    with Session(engine) as session:
        yield parts.context(session, Origin.system("test"))


def _migrate(address: str) -> None:
    engine = create_engine(address)
    migrations.upgrade(engine)
    engine.dispose()


def _cheap_policies(folder: Path) -> Path:
    """Copy policies/ with the cost of a password hash lowered; every other rule stays."""
    shutil.copytree(ROOT / "policies", folder)
    file = folder / "password.toml"
    text = file.read_text(encoding="utf-8")
    for name, value in _CHEAP_HASH.items():
        text, found = re.subn(rf"(?m)^{name} = \d+$", f"{name} = {value}", text)
        assert found == 1, f"policies/password.toml has no single {name}"
    file.write_text(text, encoding="utf-8")
    return folder
