"""What the provider starts with: keys of its own, nobody's account, nothing known to others."""

import base64
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from idp.app import create_app
from idp.foundation import key_ring, migrations
from idp.foundation.context import Context
from idp.foundation.key_ring import PURPOSES, KeyFileBad
from idp.foundation.sealing import Sealing
from idp.settings import Settings

_BYTES = 32


def line(key: bytes) -> str:
    """Return a line of a key file."""
    return f"a-kid {base64.b64encode(key).decode()}\n"


@pytest.fixture
def production(settings: Settings) -> Settings:
    """Settings of a production that has been given its keys."""
    changed = {"environment": "production", "issuer": "https://id.example.org"}
    made = settings.model_copy(update=changed)
    key_ring.make_missing(made.secrets)
    return made


def test_LG_14_production_starts_with_its_own_keys(production: Settings) -> None:
    assert create_app(production).extensions["idp"]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_LG_14_production_makes_no_key_by_itself(production: Settings, purpose: str) -> None:
    (production.secrets / f"{purpose}.keys").unlink()
    with pytest.raises(KeyFileBad, match="idp secrets init"):
        create_app(production)


def _short(path: Path) -> None:
    path.write_text(line(secrets.token_bytes(_BYTES - 1)), encoding="ascii")


def _default(path: Path) -> None:
    path.write_text(line(b"changeme" * 4), encoding="ascii")


def _zeros(path: Path) -> None:
    path.write_text(line(bytes(_BYTES)), encoding="ascii")


def _words(path: Path) -> None:
    path.write_text("a-kid not base64 at all\n", encoding="ascii")


def _empty(path: Path) -> None:
    path.write_text("\n", encoding="ascii")


def _open(path: Path) -> None:
    path.chmod(0o644)


@pytest.mark.parametrize("damage", [_short, _default, _zeros, _words, _empty, _open])
@pytest.mark.parametrize("purpose", PURPOSES)
def test_LG_14_DB_06_a_key_that_others_may_know_stops_the_start(
    production: Settings, purpose: str, damage: Callable[[Path], None]
) -> None:
    damage(production.secrets / f"{purpose}.keys")
    with pytest.raises(KeyFileBad, match=f"{purpose}.keys"):
        create_app(production)


def test_LG_14_a_new_database_holds_nobody(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        tables = set(inspect(engine).get_table_names()) - {"alembic_version"}
        filled = {
            name
            for name in tables
            if connection.scalar(text(f"SELECT count(*) FROM {name}"))  # noqa: S608 - our names
        }
    engine.dispose()
    assert not filled


def test_DB_06_a_new_key_seals_and_the_old_one_still_opens(production: Settings) -> None:
    former = Sealing(key_ring.read(production.secrets, "sealing"))
    sealed = former.seal(b"what was kept", bound_to="a row")
    path = production.secrets / "sealing.keys"
    with path.open("a", encoding="ascii") as file:
        file.write(f"new {base64.b64encode(secrets.token_bytes(_BYTES)).decode()}\n")
    present = Sealing(key_ring.read(production.secrets, "sealing"))
    assert present.open(sealed, bound_to="a row") == b"what was kept"
    again = present.seal(b"what was kept", bound_to="a row")
    assert again.split(":")[1] == "new"
    assert sealed.split(":")[1] != "new"


def test_DB_06_no_key_stands_in_the_database(
    settings: Settings, ctx: Context, tmp_path: Path
) -> None:
    ctx.signing_keys.active()
    ctx.db.rollback()
    dump = b"".join(path.read_bytes() for path in tmp_path.glob("idp.sqlite3*"))
    for purpose in PURPOSES:
        for key in key_ring.read(settings.secrets, purpose).keys.values():
            forms = (key, key.hex().encode(), base64.b64encode(key), base64.urlsafe_b64encode(key))
            assert not [form for form in forms if form in dump]
