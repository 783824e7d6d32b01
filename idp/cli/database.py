"""`idp db`: bring the database to this code's schema."""

import click

from idp.cli.running import application, fail
from idp.foundation import migrations
from idp.foundation.database import db


@click.group("db")
def database() -> None:
    """The database's schema."""


@database.command()
def upgrade() -> None:
    """Apply every migration that is missing, and make the signing key of the first start."""
    app = application()
    with app.app_context():
        migrations.upgrade(db.engine)
        app.extensions["idp"].signing_keys.active()
    click.echo("The database is up to date.")


@database.command()
def check() -> None:
    """Say whether the schema is this code's; status 1 when it is not."""
    with application().app_context(), db.engine.connect() as connection:
        found = migrations.current_revision(connection)
    wanted = migrations.scripts().get_current_head()
    if found != wanted:
        fail(f"The schema is at {found or 'nothing'}, this code is at {wanted}: idp db upgrade")
    click.echo(f"The schema is at {found}.")
